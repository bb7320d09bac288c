using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Schema;
using Sparkwright.Kubernetes.Tables;

namespace Sparkwright.Tests.Kubernetes.Tables;

public class TableTests
{
    private static readonly DateTime Now = new(2026, 1, 1, 1, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData("status: {phase: Pending}", "0/1 Pending 0")]
    [InlineData("status: {phase: Pending, conditions: [{type: PodScheduled, status: 'False', reason: SchedulingGated}]}", "0/1 SchedulingGated 0")]
    [InlineData("status: {phase: Failed, reason: Evicted}", "0/1 Evicted 0")]
    [InlineData("status: {phase: Pending, containerStatuses: [{name: c, state: {waiting: {reason: ContainerCreating}}}]}", "0/1 ContainerCreating 0")]
    [InlineData("status: {phase: Running, containerStatuses: [{name: c, ready: true, state: {running: {}}}]}", "1/1 Running 0")]
    [InlineData("status: {phase: Running, containerStatuses: [{name: c, restartCount: 3, lastState: {terminated: {finishedAt: '2026-01-01T00:55:00Z'}}, state: {waiting: {reason: CrashLoopBackOff}}}]}", "0/1 CrashLoopBackOff 3 (5m ago)")]
    [InlineData("status: {phase: Succeeded, containerStatuses: [{name: c, state: {terminated: {exitCode: 0, reason: Completed}}}]}", "0/1 Completed 0")]
    [InlineData("status: {phase: Failed, containerStatuses: [{name: c, state: {terminated: {exitCode: 137}}}]}", "0/1 ExitCode:137 0")]
    [InlineData("status: {phase: Failed, containerStatuses: [{name: c, state: {terminated: {exitCode: 137, signal: 9}}}]}", "0/1 Signal:9 0")]
    [InlineData("metadata: {deletionTimestamp: '2026-01-01T00:59:00Z'}\nstatus: {phase: Running, containerStatuses: [{name: c, ready: true, state: {running: {}}}]}", "1/1 Terminating 0")]
    [InlineData("metadata: {deletionTimestamp: '2026-01-01T00:59:00Z'}\nstatus: {phase: Succeeded}", "0/1 Succeeded 0")]
    [InlineData("metadata: {deletionTimestamp: '2026-01-01T00:59:00Z'}\nstatus: {phase: Running, reason: NodeLost}", "0/1 Unknown 0")]
    [InlineData("spec: {initContainers: [{name: i}, {name: j}]}\nstatus: {phase: Pending, initContainerStatuses: [{name: i, state: {terminated: {exitCode: 0}}}, {name: j, state: {running: {}}}]}", "0/1 Init:1/2 0")]
    [InlineData("spec: {initContainers: [{name: i}]}\nstatus: {phase: Pending, initContainerStatuses: [{name: i, state: {waiting: {reason: PodInitializing}}}]}", "0/1 Init:0/1 0")]
    [InlineData("spec: {initContainers: [{name: i}]}\nstatus: {phase: Pending, initContainerStatuses: [{name: i, restartCount: 2, state: {waiting: {reason: CrashLoopBackOff}}}]}", "0/1 Init:CrashLoopBackOff 2")]
    [InlineData("spec: {initContainers: [{name: i}]}\nstatus: {phase: Failed, initContainerStatuses: [{name: i, state: {terminated: {exitCode: 1, reason: Error}}}]}", "0/1 Init:Error 0")]
    [InlineData("spec: {initContainers: [{name: s, restartPolicy: Always}]}\nstatus: {phase: Running, initContainerStatuses: [{name: s, started: true, ready: true, restartCount: 1, state: {running: {}}}], containerStatuses: [{name: c, ready: true, state: {running: {}}}]}", "2/2 Running 1")]
    [InlineData("spec: {containers: [{name: c}, {name: d}]}\nstatus: {phase: Running, containerStatuses: [{name: c, state: {terminated: {exitCode: 0, reason: Completed}}}, {name: d, ready: true, state: {running: {}}}]}", "1/2 NotReady 0")]
    public void A_pod_shows_the_most_telling_reason(string pod, string wanted)
    {
        var cells = CellsOf("v1", "Pod", pod);
        Assert.Equal(wanted, $"{cells[1].Text} {cells[2].Text} {cells[3].Text}");
    }

    [Theory]
    [InlineData("Pod", "status: {phase: Succeeded}", "Succeeded")]
    [InlineData("Pod", "status: {phase: Failed}", "Failed")]
    [InlineData("Pod", "status: {phase: Running}", null)]
    [InlineData("Node", "status: {phase: Failed}", null)]
    public void The_row_of_a_finished_pod_says_that_it_is_completed(string kind, string body, string? reason)
    {
        var row = RowOf("v1", kind, body, IncludedObject.None);
        Assert.Equal(reason, Tree.ItemsOf(row["conditions"]) is [var only] ? only["reason"]?.Text : null);
        Assert.Null(row["object"]);
    }

    [Theory]
    [InlineData(IncludedObject.Metadata, "PartialObjectMetadata")]
    [InlineData(IncludedObject.Object, "Pod")]
    public void A_row_carries_as_much_of_its_object_as_was_asked_for(IncludedObject included, string kind) =>
        Assert.Equal(kind, RowOf("v1", "Pod", "status: {phase: Running}", included)["object"]?["kind"]?.Text);

    [Theory]
    [InlineData("-5s", "<invalid>")]
    [InlineData("0s", "0s")]
    [InlineData("119s", "119s")]
    [InlineData("120s", "2m")]
    [InlineData("599s", "9m59s")]
    [InlineData("600s", "10m")]
    [InlineData("10799s", "179m")]
    [InlineData("10800s", "3h")]
    [InlineData("28799s", "7h59m")]
    [InlineData("172799s", "47h")]
    [InlineData("172800s", "2d")]
    [InlineData("691199s", "7d23h")]
    [InlineData("691200s", "8d")]
    [InlineData("63072000s", "2y")]
    [InlineData("63158400s", "2y1d")]
    [InlineData("252288000s", "8y")]
    public void Durations_are_short(string seconds, string wanted) =>
        Assert.Equal(wanted, HumanDuration.Print(TimeSpan.FromSeconds(long.Parse(seconds[..^1], System.Globalization.CultureInfo.InvariantCulture))));

    [Theory]
    [InlineData("v1", "Node", "spec: {unschedulable: true}\nstatus: {conditions: [{type: Ready, status: 'True'}], nodeInfo: {kubeletVersion: v1}}", "x | Ready,SchedulingDisabled | <none> | 10m | v1 | <none> | <none> | <unknown> | <unknown> | <unknown>")]
    [InlineData("v1", "Node", "metadata: {labels: {node-role.kubernetes.io/worker: ''}}\nstatus: {conditions: [{type: Ready, status: Unknown}]}", "x | NotReady | worker | 10m |  | <none> | <none> | <unknown> | <unknown> | <unknown>")]
    [InlineData("v1", "Service", "spec: {type: NodePort, clusterIP: 10.0.0.1, ports: [{port: 80, nodePort: 30080, protocol: TCP}, {port: 53, protocol: UDP}], selector: {a: b}}", "x | NodePort | 10.0.0.1 | <none> | 80:30080/TCP,53/UDP | 10m | a=b")]
    [InlineData("v1", "Service", "spec: {type: LoadBalancer, clusterIP: 10.0.0.1}", "x | LoadBalancer | 10.0.0.1 | <pending> | <none> | 10m | <none>")]
    [InlineData("v1", "ConfigMap", "data: {a: b, c: d}\nbinaryData: {e: Zg==}", "x | 3 | 10m")]
    [InlineData("v1", "Endpoints", "subsets: [{addresses: [{ip: 1.1.1.1}, {ip: 2.2.2.2}], ports: [{port: 80}, {port: 81}]}]", "x | 1.1.1.1:80,2.2.2.2:80,1.1.1.1:81 + 1 more... | 10m")]
    [InlineData("v1", "PersistentVolumeClaim", "spec: {volumeName: pv, storageClassName: gp3, volumeMode: Filesystem}\nstatus: {phase: Bound, capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce]}", "x | Bound | pv | 1Gi | RWO | gp3 | <unset> | 10m | Filesystem")]
    [InlineData("v1", "ResourceQuota", "status: {hard: {limits.cpu: '4', pods: '10'}, used: {limits.cpu: '1', pods: '2'}}", "x | pods: 2/10 | limits.cpu: 1/4 | 10m")]
    [InlineData("v1", "LimitRange", "spec: {}", "x | 2026-01-01T00:50:00Z")]
    [InlineData("v1", "Event", "type: Warning\nreason: Failed\nmessage: 'no '\ncount: 3\ninvolvedObject: {kind: Pod, name: p, fieldPath: f}\nsource: {component: kubelet, host: worker}\nfirstTimestamp: '2026-01-01T00:40:00Z'\nlastTimestamp: '2026-01-01T00:59:00Z'", "60s | Warning | Failed | pod/p | f | kubelet, worker | no | 20m | 3 | x")]
    [InlineData("apps/v1", "Deployment", "spec: {replicas: 3, selector: {matchLabels: {a: b}}, template: {spec: {containers: [{name: c, image: i}, {name: d, image: j}]}}}\nstatus: {readyReplicas: 2, updatedReplicas: 3, availableReplicas: 1}", "x | 2/3 | 3 | 1 | 10m | c,d | i,j | a=b")]
    [InlineData("batch/v1", "Job", "spec: {completions: 2}\nstatus: {startTime: '2026-01-01T00:50:00Z', succeeded: 1}", "x | Running | 1/2 | 10m | 10m | <none> | <none> | <none>")]
    [InlineData("batch/v1", "Job", "spec: {parallelism: 4}\nstatus: {startTime: '2026-01-01T00:50:00Z', completionTime: '2026-01-01T00:51:00Z', conditions: [{type: Complete, status: 'True'}]}", "x | Complete | 0/1 of 4 | 60s | 10m | <none> | <none> | <none>")]
    [InlineData("batch/v1", "CronJob", "spec: {schedule: '* * * * *', suspend: false}", "x | * * * * * | <none> | False | 0 | <none> | 10m | <none> | <none> | <none>")]
    [InlineData("policy/v1", "PodDisruptionBudget", "spec: {minAvailable: 50%}\nstatus: {disruptionsAllowed: 1}", "x | 50% | N/A | 1 | 10m")]
    [InlineData("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "roleRef: {kind: ClusterRole, name: admin}\nsubjects: [{kind: User, name: u}, {kind: ServiceAccount, name: s, namespace: home}]", "x | ClusterRole/admin | 10m | u |  | home/s")]
    [InlineData("storage.k8s.io/v1", "StorageClass", "metadata: {annotations: {storageclass.kubernetes.io/is-default-class: 'true'}}\nprovisioner: p", "x (default) | p | Delete | Immediate | false | 10m")]
    [InlineData("networking.k8s.io/v1", "NetworkPolicy", "spec: {podSelector: {matchExpressions: [{key: a, operator: In, values: [c, b]}]}}", "x | a in (b,c) | 10m")]
    [InlineData("karpenter.sh/v1", "NodePool", "spec: {template: {spec: {nodeClassRef: {name: default}}}, weight: 5}\nstatus: {nodes: 2, conditions: [{type: Ready, status: 'True'}], resources: {cpu: '4'}}", "x | default | 2 | True | 10m | 5 | 4 | null")]
    public void Each_kind_has_its_columns(string version, string kind, string body, string wanted) =>
        Assert.Equal(wanted, string.Join(" | ", CellsOf(version, kind, body).Select(cell => cell.Text ?? cell.ToString())));

    [Fact]
    public void Every_kind_has_as_many_cells_as_columns_even_when_it_is_empty()
    {
        foreach (var resource in new ResourceTypes([]).Served.Where(one => one.IsStored))
        {
            var form = TableForms.For(resource, one => one.ToTree());
            Assert.Equal(form.Columns.Length, form.Cells(new ApiObject(resource.Type, new ObjectMeta { Name = "x" }, TreeMap.Empty), Now).Length);
            Assert.Single(form.Columns, column => column.Format == "name");
        }
    }

    [Fact]
    public void Only_the_first_table_of_a_watch_defines_its_columns()
    {
        var table = new Table(TableForms.For(Resource("v1", "Pod"), one => one.ToTree()), "v1beta1", IncludedObject.None, one => one.ToTree());
        Assert.IsType<TreeList>(table.Print([], TreeMap.Empty, Now)["columnDefinitions"]);
        Assert.IsType<TreeNull>(table.Print([], TreeMap.Empty, Now, hasColumns: false)["columnDefinitions"]);
        Assert.Equal("meta.k8s.io/v1beta1", table.Print([], TreeMap.Empty, Now)["apiVersion"]?.Text);
    }

    private static Tree[] CellsOf(string version, string kind, string body) => Tree.ItemsOf(RowOf(version, kind, body, IncludedObject.None)["cells"]).ToArray();

    private static Tree RowOf(string version, string kind, string body, IncludedObject included)
    {
        var resource = Resource(version, kind);
        var document = (TreeMap)Yaml.Read(body);
        if (kind == "Pod" && document.At("spec", "containers") is null)
        {
            document = document.Set(["spec", "containers"], TreeList.Of(TreeMap.Of(("name", "c"))));
        }

        var one = ApiObject.From(resource.Type, document.Set(["metadata", "name"], "x").Set(["metadata", "creationTimestamp"], "2026-01-01T00:50:00Z"));
        var table = new Table(TableForms.For(resource, known => known.ToTree()), "v1", included, known => known.ToTree());
        return Tree.ItemsOf(table.Print([one], TreeMap.Empty, Now)["rows"])[0];
    }

    private static ServedResource Resource(string version, string kind)
    {
        var types = new ResourceTypes([]);
        return types.Resource(types.Find(version, kind)!)!;
    }
}
