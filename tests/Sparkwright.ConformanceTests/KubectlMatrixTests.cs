using System.Globalization;
using System.Text.RegularExpressions;

namespace Sparkwright.ConformanceTests;

/// <summary>What people type, with every kubectl that is there: each row must end and print as it does against a real cluster.</summary>
public partial class KubectlMatrixTests(RunningPlatform platform)
{
    private const string Workload =
        """
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"NAME","labels":{"app":"web"}},"spec":{"replicas":1,"selector":{"matchLabels":{"app":"NAME"}},
        "template":{"metadata":{"labels":{"app":"NAME"}},"spec":{"containers":[{"name":"web","image":"nginx:1.27","resources":{"requests":{"cpu":"10m"}}}]}}}}
        """;

    private const string Map = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"NAME"},"data":{"a":"1","b":"2"}}""";
    private const string SmallerMap = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"NAME"},"data":{"a":"1"}}""";
    private const string OtherMap = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"NAME"},"data":{"a":"9"}}""";
    private const string WrongMap = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"NAME"},"dat":{"a":"9"}}""";

    private const string Pool =
        """
        {"apiVersion":"karpenter.sh/v1","kind":"NodePool","metadata":{"name":"NAME"},"spec":{"template":{"spec":{"nodeClassRef":{"group":"karpenter.k8s.aws","kind":"EC2NodeClass","name":"x"},
        "requirements":[{"key":"karpenter.sh/capacity-type","operator":"In","values":["spot"]}]}}}}
        """;

    /// <summary>Chains whose requests changed over the versions: documentation, validation, waiting, protobuf.</summary>
    private static readonly string[] VersionedChains = ["explain", "made", "map", "wait"];

    /// <summary>The rows of a chain run one after the other, chains beside each other.</summary>
    private static readonly Row[] Rows =
    [
        new("read", "version", "Server Version"),
        new("read", "cluster-info", "Kubernetes control plane"),
        new("read", "api-resources", "nodepools"),
        new("read", "api-versions", "karpenter.sh/v1"),
        new("read", "get --raw /readyz", "ok"),
        new("read", "get nodes", "STATUS"),
        new("read", "get nodes -o wide", "CONTAINER-RUNTIME"),
        new("read", "get nodes -o name", "node/ip-"),
        new("read", "get no -o jsonpath={.items[0].status.nodeInfo.architecture}", "amd64"),
        new("read", "get nodes -o custom-columns=N:.metadata.name,CPU:.status.capacity.cpu", "CPU"),
        new("read", "get nodes -L node.kubernetes.io/instance-type", "INSTANCE-TYPE"),
        new("read", "get nodes --show-labels", "topology.kubernetes.io/zone="),
        new("read", "get namespaces", "emr-data-team-a"),
        new("read", "get pods -A", "RESTARTS"),
        new("read", "get pods -n kube-system -l k8s-app=kube-dns -o yaml", "kind: "),
        new("read", "get pods -A --field-selector status.phase=Running", "Running"),
        new("read", "get pods -A --sort-by=.metadata.name", "RESTARTS"),
        new("read", "get pods,deployments -n kube-system", "deployment.apps/coredns"),
        new("read", "get deployment coredns -n kube-system -o json", "\"kind\": \"Deployment\""),
        new("read", "get deployment none -n kube-system", "(NotFound)", 1),
        new("read", "get nothing", "the server doesn't have a resource type", 1),
        new("read", "get crd", "nodepools.karpenter.sh"),
        new("read", "get events -A", "REASON"),
        new("describe", "describe node", "Allocatable:"),
        new("describe", "describe deployment coredns -n kube-system", "Replicas:"),
        new("describe", "describe pods -n kube-system -l app=none", "No resources found"),
        new("describe", "describe namespace default", "Status:"),
        new("describe", "describe crd nodepools.karpenter.sh", "Established"),
        new("explain", "explain pod", "VERSION:"),
        new("explain", "explain pod.spec.containers.resources", "limits"),
        new("explain", "explain deployment.spec --recursive", "rollingUpdate"),
        new("explain", "explain nodepool.spec.disruption", "budgets"),
        new("explain", "explain ec2nodeclass.spec --recursive", "amiSelectorTerms"),
        new("explain", "explain pod.spec.nothing", "does not exist", 1),
        new("wait", "rollout status deployment coredns -n kube-system --timeout=60s", "successfully rolled out"),
        new("wait", "wait deployment coredns -n kube-system --for=condition=Available --timeout=60s", "condition met"),
        new("wait", "wait nodes --all --for=condition=Ready --timeout=60s", "condition met"),
        new("wait", "wait deployment coredns -n kube-system --for=condition=Nonsense --timeout=1s", "timed out", 1),
        new("wait", "rollout history deployment coredns -n kube-system", "REVISION"),
        new("top", "top nodes", "CPU(cores)"),
        new("top", "top pods -n kube-system", "coredns"),
        new("top", "top pods -A --containers", "NAME"),
        new("logs", "logs -n kube-system deployment/coredns --tail=1", ""),
        new("logs", "logs -n kube-system none", "(NotFound)", 1),
        new("node", "cordon @node", "cordoned"),
        new("node", "get node @node", "SchedulingDisabled"),
        new("node", "uncordon @node", "uncordoned"),
        new("node", "drain @node --ignore-daemonsets --delete-emptydir-data --dry-run=server", "drained (server dry run)"),
        new("node", "uncordon @node --dry-run=client", "node/@node"),
        new("node", "taint nodes @node try=me:PreferNoSchedule", "tainted"),
        new("node", "taint nodes @node try-", "untainted"),
        new("node", "label node @node tried=yes", "labeled"),
        new("node", "label node @node tried-", "unlabeled", Since: 22),
        new("work", "apply -f -", "deployment.apps/web created", Input: Workload),
        new("work", "apply -f -", "unchanged", Input: Workload),
        new("work", "apply view-last-applied deployment web", "nginx:1.27"),
        new("work", "diff -f -", "", Input: Workload),
        new("work", "set image deployment/web web=nginx:1.28", "image updated"),
        new("work", "diff -f -", "nginx:1.28", 1, Workload),
        new("work", "scale deployment web --replicas=3", "scaled"),
        new("work", "get deployment web -o jsonpath={.spec.replicas}", "3"),
        new("work", "patch deployment web -p {\"spec\":{\"revisionHistoryLimit\":4}}", "patched"),
        new("work", "patch deployment web --type=json -p [{\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":2}]", "patched"),
        new("work", "patch deployment web --type=merge -p {\"spec\":{\"paused\":true}}", "patched"),
        new("work", "rollout resume deployment web", "resumed"),
        new("work", "rollout restart deployment web", "restarted"),
        new("work", "rollout undo deployment web", "rolled back"),
        new("work", "edit deployment web", "no changes made"),
        new("work", "annotate deployment web why=test", "deployment.apps/web annotate"),
        new("work", "get deployment web -o yaml --show-managed-fields", "manager: kubectl-client-side-apply", Since: 21),
        new("work", "apply --dry-run=server -f -", "(server dry run)", Input: Workload),
        new("work", "delete deployment web", "deleted"),
        new("map", "create -f -", "configmap/map created", Input: Map),
        new("map", "create -f -", "(AlreadyExists)", 1, Map),
        new("map", "replace -f -", "replaced", Input: OtherMap),
        new("map", "apply -f -", "unknown field \"dat\"", 1, WrongMap),
        new("map", "apply --validate=warn -f -", "unknown field \"dat\"", Input: WrongMap, Since: 25),
        new("map", "delete configmap map", "deleted"),
        new("server", "apply --server-side -f -", "serverside-applied", Input: Map),
        new("server", "apply --server-side --field-manager=other -f -", "Apply failed with 1 conflict: conflict with \"kubectl\": .data.a", 1, OtherMap),
        new("server", "diff --server-side --field-manager=other --force-conflicts -f -", "9", 1, OtherMap),
        new("server", "apply --server-side --field-manager=other --force-conflicts -f -", "serverside-applied", Input: OtherMap),
        new("server", "apply --server-side --force-conflicts -f -", "serverside-applied", Input: SmallerMap),
        new("server", "get configmap server -o jsonpath={.data}", "{\"a\":\"1\"}"),
        new("server", "get configmap server -o jsonpath={.metadata.managedFields[*].operation}", "Apply"),
        new("server", "delete -f -", "deleted", Input: Map),
        new("pool", "apply -f -", "created", Input: Pool),
        new("pool", "apply -f -", "unchanged", Input: Pool),
        new("pool", "get nodepool @pool", "NODECLASS"),
        new("pool", "patch nodepool @pool --type=merge -p {\"spec\":{\"weight\":3}}", "patched"),
        new("pool", "delete nodepool @pool", "deleted"),
        new("made", "auth can-i list pods", "yes"),
        new("made", "auth can-i list nodes --as=system:anonymous", "no", 1),
        new("made", "create configmap made --from-literal=a=b", "created"),
        new("made", "create deployment made --image=nginx", "created"),
        new("made", "create serviceaccount made", "created"),
        new("made", "create job made --image=busybox -- true", "created"),
        new("made", "run made --image=nginx --restart=Never", "pod/made created"),
        new("made", "expose pod made --port=80", "exposed"),
        new("made", "get service made", "ClusterIP"),
        new("made", "delete pod made --now", "deleted"),

        // From 1.32 on kubectl sends these as protobuf.
        new("wire", "auth can-i --list", "Resources"),
        new("wire", "create namespace @home-wire", "created"),
        new("wire", "delete namespace @home-wire", "deleted"),
        new("wire", "create secret generic wire --from-literal=a=b", "created"),
        new("wire", "get secret wire -o jsonpath={.data.a}", "Yg=="),
        new("wire", "create secret docker-registry pull --docker-server=x --docker-username=u --docker-password=p", "created"),
        new("wire", "create role wire --verb=get,list --resource=pods,deployments.apps", "created"),
        new("wire", "get role wire -o jsonpath={.rules[*].apiGroups[0]}/{.rules[1].resources}", "apps/[\"deployments\"]"),
        new("wire", "create rolebinding wire --role=wire --user=me --group=us --serviceaccount=default:default", "created"),
        new("wire", "get rolebinding wire -o jsonpath={.subjects[*].kind}", "User Group ServiceAccount"),
        new("wire", "create clusterrole @home-wire --verb=get --non-resource-url=/healthz", "created"),
        new("wire", "create clusterrolebinding @home-wire --clusterrole=view --user=me", "created"),
        new("wire", "delete clusterrole,clusterrolebinding @home-wire", "deleted"),
        new("wire", "create quota wire --hard=cpu=1500m,memory=1Gi,pods=7", "created"),
        new("wire", "get quota wire -o jsonpath={.spec.hard}", "{\"cpu\":\"1500m\",\"memory\":\"1Gi\",\"pods\":\"7\"}"),
        new("wire", "delete quota wire", "deleted"),
        new("wire", "create priorityclass @home-wire --value=7 --description=tried", "created"),
        new("wire", "get priorityclass @home-wire -o jsonpath={.value}/{.preemptionPolicy}", "7/PreemptLowerPriority"),
        new("wire", "delete priorityclass @home-wire", "deleted"),
        new("wire", "create poddisruptionbudget wire --selector=app=wire --min-available=1", "created", Since: 21),
        new("wire", "get pdb wire -o jsonpath={.spec.minAvailable}", "1", Since: 21),
        new("wire", "create poddisruptionbudget half --selector=app=half --max-unavailable=50%", "created", Since: 21),
        new("wire", "get pdb half -o jsonpath={.spec.maxUnavailable}", "50%", Since: 21),
        new("wire", "create service clusterip wire --tcp=80:8080", "created"),
        new("wire", "get service wire -o jsonpath={.spec.ports[0].targetPort}/{.spec.selector.app}", "8080/wire"),
        new("wire", "create service nodeport node --tcp=80 --node-port=30999 --dry-run=server", "(server dry run)"),
        new("wire", "create ingress wire --rule=a.example/b*=wire:80", "created"),
        new("wire", "get ingress wire -o jsonpath={.spec.rules[0].http.paths[0].path}", "/b"),
        new("wire", "create cronjob wire --image=busybox --schedule=@daily -- true", "created", Since: 21),
        new("wire", "create deployment wire --image=nginx --replicas=1 --port=80", "created"),
        new("wire", "get deployment wire -o jsonpath={.spec.replicas}/{.spec.strategy.type}/{.spec.template.spec.restartPolicy}/{.spec.template.spec.containers[0].ports[0].containerPort}", "1/RollingUpdate/Always/80"),
        new("wire", "rollout status deployment wire --timeout=60s", "successfully rolled out"),
        new("wire", "create deployment none --image=nginx --replicas=0", "created"),
        new("wire", "get deployment none -o jsonpath={.spec.replicas}", "0"),
        new("wire", "autoscale deployment none --min=1 --max=3 --cpu-percent=50", "autoscaled"),
        new("wire", "get hpa none -o jsonpath={.spec.maxReplicas}/{.spec.metrics[0].resource.target.averageUtilization}", "3/50"),
        new("wire", "get horizontalpodautoscalers.v1.autoscaling none -o jsonpath={.spec.targetCPUUtilizationPercentage}", "50"),
        new("wire", "get events.v1.events.k8s.io -A", "REASON"),
    ];

    public static IEnumerable<TheoryDataRow<string>> Programs => Kubectl.Programs.Count == 0 ? [new("none")] : Kubectl.Programs.Select(program => new TheoryDataRow<string>(program));

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Every_command_ends_and_prints_as_expected(string program)
    {
        Assert.SkipWhen(Kubectl.Programs.Count == 0, "NOT TESTED: there is no kubectl in the PATH, and KUBECTL names none");
        var (_, said) = await Kubectl.Run(program, platform.KubeconfigFile, ["version", "--client", "-o", "yaml"]);
        var minor = int.Parse(Minor().Match(said).Groups[1].Value, CultureInfo.InvariantCulture);
        var home = $"kubectl-{minor}-{Kubectl.Programs.ToList().IndexOf(program)}";
        await Kubectl.Run(program, platform.KubeconfigFile, ["create", "-f", "-"], $$$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{{home}}}"}}""");
        var (_, nodes) = await Kubectl.Run(program, platform.KubeconfigFile, ["get", "nodes", "-o", "jsonpath={.items[0].metadata.name}"]);

        var rows = Rows.Where(row => minor >= row.Since && (Kubectl.IsWhole(program) || VersionedChains.Contains(row.Chain))).ToArray();
        var wrong = new List<string>();
        await Parallel.ForEachAsync(rows.GroupBy(row => row.Chain), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (chain, _) =>
        {
            foreach (var row in chain)
            {
                string Filled(string text) => text.Replace("@node", nodes.Trim(), StringComparison.Ordinal).Replace("@home", home, StringComparison.Ordinal);
                var input = row.Input?.Replace("NAME", row.Chain switch { "work" => "web", "pool" => home + "pool", _ => row.Chain }, StringComparison.Ordinal);
                var arguments = Filled(row.Arguments.Replace("@pool", home + "pool", StringComparison.Ordinal)).Split(' ').ToList();
                if (!arguments.Contains("-n") && !arguments.Contains("-A"))
                {
                    arguments.InsertRange(0, ["-n", home]);
                }

                var (code, output) = await Kubectl.Run(program, platform.KubeconfigFile, arguments, input);
                if (code != row.Code || !output.Contains(Filled(row.Wanted), StringComparison.Ordinal))
                {
                    lock (wrong)
                    {
                        wrong.Add($"{row.Arguments}: exit code {code}, wanted {row.Code} and \"{row.Wanted}\":\n{output}");
                    }
                }
            }
        });
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {rows.Length} with {program}\n{string.Join('\n', wrong)}");
    }

    [GeneratedRegex("minor: \"?([0-9]+)")]
    private static partial Regex Minor();

    /// <summary>One command.</summary>
    /// <param name="Arguments">Separated by blanks; @node is the name of a node, @pool that of the chain's NodePool, @home that of its namespace.</param>
    /// <param name="Wanted">What must appear in what it prints.</param>
    /// <param name="Code">How it must end.</param>
    /// <param name="Input">What it reads, if anything; NAME is the name of the object.</param>
    /// <param name="Since">The minor version of kubectl from which on it is so.</param>
    private sealed record Row(string Chain, string Arguments, string Wanted, int Code = 0, string? Input = null, int Since = 0);
}
