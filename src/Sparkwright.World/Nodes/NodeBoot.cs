using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;
using Sparkwright.World.Ec2;

namespace Sparkwright.World.Nodes;

/// <summary>
/// Brings nodes to Ready: those of EC2 instances when their kubelet is up (it registers its Node some time before), and simulated ones (a Node object with a status and no instance) at
/// once. A node whose instance is gone stops being Ready. It is built before the node controller, which would keep a new node free until it is Ready.
/// </summary>
public sealed class NodeBoot : Worker<ObjectKey>
{
    private const string ProviderPrefix = "aws:///";
    private const string NoNetwork = "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized";

    private readonly ApiServer api;
    private readonly string kubeletVersion;
    private readonly ModelFigures figures;
    private readonly StoreIndex aliveByNode;

    /// <param name="kubernetesVersion">Such as 1.33: what kubelets report.</param>
    public NodeBoot(EventLoop loop, ApiServer api, string kubernetesVersion, ModelFigures figures)
        : base(loop)
    {
        this.api = api;
        this.figures = figures;
        kubeletVersion = $"v{kubernetesVersion}.0-eks-0000000";
        aliveByNode = api.Store.Index(Ec2Types.Instance, "alive-by-node", static known => Instance.Of(known) is { IsAlive: true } alive ? alive.NodeName : null);
        api.AddAdmission(ReadyFromTheStart);
        foreach (var node in api.Store.List(CoreTypes.Node))
        {
            Wake(node.Key);
        }

        foreach (var instance in api.Store.List(Ec2Types.Instance))
        {
            Wake(NodeOf(instance));
        }

        api.Store.Watch(CoreTypes.Node, change => Wake(change.Object.Key));
        api.Store.Watch(Ec2Types.Instance, change => Wake(NodeOf(change.Object)));
    }

    protected override void Reconcile(ObjectKey key)
    {
        var node = api.Store.Get(CoreTypes.Node, key);
        if (node is not null && InstanceIdOf(node) is null)
        {
            return;
        }

        var instance = node is not null
            ? api.Store.Get(Ec2Types.Instance, "", InstanceIdOf(node)!)
            : aliveByNode.Of(key.Name).FirstOrDefault();
        if (instance is null || !Instance.Of(instance).IsAlive)
        {
            Lose(node);
            return;
        }

        var machine = Instance.Of(instance);
        var registersAt = machine.LaunchedAt + TimeSpan.FromTicks((machine.ReadyAt - machine.LaunchedAt).Ticks * figures.RegisteredSharePercent / 100);
        if (registersAt > Clock.Now)
        {
            WakeAt(key, registersAt);
            return;
        }

        if (node is null)
        {
            // Nobody made the Node beforehand: the kubelet registers it with what its node group gave it.
            node = machine.NodeTemplate.Count == 0 ? null : api.Create(Registered(machine)).Object;
        }

        if (machine.ReadyAt > Clock.Now)
        {
            WakeAt(key, machine.ReadyAt);
        }
        else if (node is not null && IsComingUp(node))
        {
            BeReady(node, WithHostLabels(node, machine.NodeName, ArchOf(node)), machine.PrivateIp);
        }
    }

    /// <summary>A simulated node is Ready in the moment in which it is written: nobody sees it otherwise.</summary>
    private AdmissionVerdict ReadyFromTheStart(ApiObject candidate, ApiObject? old)
    {
        if (candidate.Type != CoreTypes.Node || old is not null || InstanceIdOf(candidate) is not null || Conditions.Find(candidate.Status, "Ready") is not null)
        {
            return AdmissionVerdict.Accept(candidate);
        }

        var labelled = WithHostLabels(candidate, candidate.Name, ArchOf(candidate));
        return AdmissionVerdict.Accept(labelled.WithStatus(ReadyStatus(labelled, labelled.Status, "")));
    }

    /// <summary>
    /// Whether nobody has said of a node yet that it is ready or why not, but its own kubelet on its way up. What somebody else writes stays, so that a
    /// scenario can make a node unhealthy.
    /// </summary>
    private static bool IsComingUp(ApiObject node) => Conditions.Find(node.Status, "Ready") is not { } ready || ready["message"]?.Text == NoNetwork;

    private static ObjectKey NodeOf(ApiObject instance) => new("", Instance.Of(instance).NodeName);

    private static string? InstanceIdOf(ApiObject node) =>
        node.Spec["providerID"]?.Text is { } id && id.StartsWith(ProviderPrefix, StringComparison.Ordinal) && id.LastIndexOf("/i-", StringComparison.Ordinal) is var at && at > 0
            ? id[(at + 1)..]
            : null;

    private static string ArchOf(ApiObject node) => node.Metadata.Label("kubernetes.io/arch") ?? "amd64";

    private ApiObject Registered(Instance machine)
    {
        var template = machine.NodeTemplate;
        var node = new ApiObject(
            CoreTypes.Node,
            new ObjectMeta { Name = machine.NodeName, Labels = template["labels"] as TreeMap ?? TreeMap.Empty },
            TreeMap.Of(
                ("spec", TreeMap.Of(("providerID", machine.ProviderId), ("taints", template["taints"]))),
                ("status", Conditions.Set(
                    TreeMap.Of(("allocatable", template["allocatable"]), ("capacity", template["capacity"])), "Ready", false, "KubeletNotReady", NoNetwork, Clock.Now))));
        return WithHostLabels(node, machine.NodeName, ArchOf(node));
    }

    private static ApiObject WithHostLabels(ApiObject node, string host, string arch)
    {
        var labels = node.Metadata.Labels;
        foreach (var (label, value) in new[] { ("kubernetes.io/hostname", host), ("kubernetes.io/os", "linux"), ("kubernetes.io/arch", arch) })
        {
            labels = labels.ContainsKey(label) ? labels : labels.With(label, value);
        }

        return node.With(node.Metadata with { Labels = labels });
    }

    private void BeReady(ApiObject node, ApiObject labelled, string address)
    {
        api.Update(labelled);
        api.ModifyStatus(CoreTypes.Node, node.Key, status => ReadyStatus(labelled, status, address));
    }

    private TreeMap ReadyStatus(ApiObject node, TreeMap status, string address)
    {
        var capacity = status["capacity"] as TreeMap ?? status["allocatable"] as TreeMap ?? TreeMap.Empty;
        status = status.With("capacity", capacity).With("allocatable", status["allocatable"] ?? capacity)
            .With("nodeInfo", NodeInfo(node, ArchOf(node)))
            .With("addresses", status["addresses"] ?? TreeList.Of(
                TreeMap.Of(("address", address.Length == 0 ? "192.0.2.1" : address), ("type", "InternalIP")),
                TreeMap.Of(("address", node.Name), ("type", "Hostname"))));
        foreach (var (pressure, reason, message) in new[]
        {
            ("MemoryPressure", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
            ("DiskPressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
            ("PIDPressure", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        })
        {
            status = Conditions.Set(status, pressure, false, reason, message, Clock.Now);
        }

        return Conditions.Set(status, "Ready", true, "KubeletReady", "kubelet is posting ready status", Clock.Now);
    }

    private void Lose(ApiObject? node)
    {
        if (node is not null && NodeView.Of(node).IsReady)
        {
            api.ModifyStatus(CoreTypes.Node, node.Key, status =>
                Conditions.Set(status, "Ready", "Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.", Clock.Now));
        }
    }

    private TreeMap NodeInfo(ApiObject node, string arch) => TreeMap.Of(
        ("architecture", arch),
        ("bootID", api.Chance.For("node/boot", node.Name).Uuid()),
        ("containerRuntimeVersion", "containerd://1.7.27"),
        ("kernelVersion", "5.10.0-simulated"),
        ("kubeProxyVersion", kubeletVersion),
        ("kubeletVersion", kubeletVersion),
        ("machineID", api.Chance.For("node/machine", node.Name).Hex(32)),
        ("operatingSystem", "linux"),
        ("osImage", "Amazon Linux 2 (simulated)"),
        ("systemUUID", api.Chance.For("node/system", node.Name).Uuid()));
}
