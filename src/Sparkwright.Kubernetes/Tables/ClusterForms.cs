using Sparkwright.Kubernetes.Objects;
using static Sparkwright.Kubernetes.Tables.Cell;

namespace Sparkwright.Kubernetes.Tables;

/// <summary>Tables of nodes, namespaces, events, access and policies.</summary>
internal static class ClusterForms
{
    private const string RolePrefix = "node-role.kubernetes.io/";

    public static TableForm Node { get; } = new(
        "Name | Status | Roles | Age | Version | Internal-IP+ | External-IP+ | OS-Image+ | Kernel-Version+ | Container-Runtime+",
        static (one, now) =>
        [
            one.Name,
            NodeStatus(one),
            Roles(one),
            Age(one, now),
            one.Status.At("nodeInfo", "kubeletVersion")?.Text ?? "",
            Address(one, "InternalIP"),
            Address(one, "ExternalIP"),
            OrUnknown(one.Status.At("nodeInfo", "osImage")),
            OrUnknown(one.Status.At("nodeInfo", "kernelVersion")),
            OrUnknown(one.Status.At("nodeInfo", "containerRuntimeVersion")),
        ]);

    public static TableForm Namespace { get; } = new("Name | Status | Age", static (one, now) => [one.Name, one.Status["phase"]?.Text ?? "", Age(one, now)]);

    public static TableForm Event { get; } = new(
        "Last Seen | Type | Reason | Object | Subobject+ | Source+ | Message | First Seen+ | Count+ | Name+",
        static (one, now) =>
        {
            var body = one.Body;
            var first = HumanDuration.Since(body["firstTimestamp"] is TreeText given ? given : body["eventTime"], now);
            var last = body["series"] is TreeMap series ? HumanDuration.Since(series["lastObservedTime"], now)
                : body["lastTimestamp"] is TreeText seen ? HumanDuration.Since(seen, now)
                : first;
            var about = body["involvedObject"] ?? body["regarding"];
            return
            [
                last,
                body["type"]?.Text ?? "",
                body["reason"]?.Text ?? "",
                Target(about),
                about?["fieldPath"]?.Text ?? "",
                Source(body),
                (body["message"] ?? body["note"])?.Text?.Trim() ?? "",
                first,
                (body.At("series", "count") ?? body["count"] ?? body["deprecatedCount"])?.Integer is { } count and not 0 ? count : 1,
                one.Name,
            ];
        });

    public static TableForm ConfigMap { get; } = new(
        "Name | Data | Age", static (one, now) => [one.Name, CountOf(one.Body["data"]) + CountOf(one.Body["binaryData"]), Age(one, now)]);

    public static TableForm Secret { get; } = new(
        "Name | Type | Data | Age", static (one, now) => [one.Name, one.Body["type"]?.Text ?? "Opaque", CountOf(one.Body["data"]), Age(one, now)]);

    public static TableForm ServiceAccount { get; } = new(
        "Name | Secrets | Age", static (one, now) => [one.Name, Items(one.Body["secrets"]).LongLength, Age(one, now)]);

    /// <summary>Roles, LimitRanges and every kind without columns of its own: when it was made, not how long ago.</summary>
    public static TableForm CreatedAt { get; } = new(
        "Name | Created At:date", static (one, _) => [one.Name, Timestamps.Print(one.Metadata.CreationTimestamp)]);

    public static TableForm RoleBinding { get; } = new(
        "Name | Role | Age | Users+ | Groups+ | ServiceAccounts+",
        static (one, now) =>
        [
            one.Name,
            $"{one.Body.At("roleRef", "kind")?.Text}/{one.Body.At("roleRef", "name")?.Text}",
            Age(one, now),
            Subjects(one, "User"),
            Subjects(one, "Group"),
            Subjects(one, "ServiceAccount"),
        ]);

    public static TableForm PodDisruptionBudget { get; } = new(
        "Name | Min Available | Max Unavailable | Allowed Disruptions:integer | Age",
        static (one, now) =>
        [
            one.Name, CountOrPercent(one.Spec["minAvailable"]), CountOrPercent(one.Spec["maxUnavailable"]), Number(one.Status["disruptionsAllowed"]), Age(one, now),
        ]);

    public static TableForm PriorityClass { get; } = new(
        "Name | Value:integer | Global-Default:boolean | Age | PreemptionPolicy",
        static (one, now) =>
        [
            one.Name, Number(one.Body["value"]), one.Body["globalDefault"]?.Boolean ?? false, Age(one, now), one.Body["preemptionPolicy"]?.Text ?? "PreemptLowerPriority",
        ]);

    public static TableForm ResourceQuota { get; } = new(
        "Name | Request | Limit | Age",
        static (one, now) => [one.Name, Quota(one, isLimit: false), Quota(one, isLimit: true), Age(one, now)]);

    public static TableForm Lease { get; } = new(
        "Name | Holder | Age", static (one, now) => [one.Name, one.Spec["holderIdentity"]?.Text ?? "", Age(one, now)]);

    public static TableForm RuntimeClass { get; } = new(
        "Name | Handler | Age", static (one, now) => [one.Name, one.Body["handler"]?.Text ?? "", Age(one, now)]);

    public static TableForm Webhooks { get; } = new(
        "Name | Webhooks:integer | Age", static (one, now) => [one.Name, Items(one.Body["webhooks"]).LongLength, Age(one, now)]);

    public static TableForm ApiService { get; } = new(
        "Name | Service | Available | Age",
        static (one, now) =>
        [
            one.Name,
            one.Spec["service"] is TreeMap service ? $"{service["namespace"]?.Text}/{service["name"]?.Text}" : "Local",
            Conditions.Find(one.Status, "Available") is { } condition
                ? condition["status"]?.Text == "True" ? "True" : $"{condition["status"]?.Text} ({condition["reason"]?.Text})"
                : "Unknown",
            Age(one, now),
        ]);

    public static TableForm CertificateSigningRequest { get; } = new(
        "Name | Age | SignerName | Requestor | RequestedDuration | Condition",
        static (one, now) =>
        [
            one.Name,
            Age(one, now),
            OrNone(one.Spec["signerName"]?.Text),
            one.Spec["username"]?.Text ?? "",
            one.Spec["expirationSeconds"]?.Integer is { } seconds ? HumanDuration.Print(TimeSpan.FromSeconds(seconds)) : None,
            RequestCondition(one),
        ]);

    private static string NodeStatus(ApiObject node)
    {
        var ready = Conditions.Find(node.Status, "Ready");
        var word = ready is null ? "Unknown" : ready["status"]?.Text == "True" ? "Ready" : "NotReady";
        return node.Spec["unschedulable"]?.Boolean == true ? word + ",SchedulingDisabled" : word;
    }

    private static Tree Roles(ApiObject node) => Joined(node.Metadata.Labels.Members()
        .Select(label => label.Key.StartsWith(RolePrefix, StringComparison.Ordinal) ? label.Key[RolePrefix.Length..] : label.Key == "kubernetes.io/role" ? label.Value.Text! : "")
        .Where(role => role.Length > 0)
        .Distinct(StringComparer.Ordinal)
        .Order(StringComparer.Ordinal));

    private static Tree Address(ApiObject node, string type) =>
        OrNone(Items(node.Status["addresses"]).FirstOrDefault(address => address["type"]?.Text == type)?["address"]?.Text);

    private static Tree OrUnknown(Tree? text) => text?.Text is { Length: > 0 } known ? known : "<unknown>";

    private static string Target(Tree? about)
    {
#pragma warning disable CA1308 // The server prints kinds in lower case here.
        var kind = about?["kind"]?.Text?.ToLowerInvariant() ?? "";
#pragma warning restore CA1308
        return about?["name"]?.Text is { Length: > 0 } name ? $"{kind}/{name}" : kind;
    }

    private static string Source(TreeMap body)
    {
        var source = body["source"] ?? body["deprecatedSource"];
        var component = source?["component"]?.Text is { Length: > 0 } named ? named : (body["reportingComponent"] ?? body["reportingController"])?.Text ?? "";
        var host = source?["component"]?.Text is { Length: > 0 } ? source["host"]?.Text : body["reportingInstance"]?.Text;
        return host is { Length: > 0 } ? $"{component}, {host}" : component;
    }

    private static long CountOf(Tree? map) => (map as TreeMap)?.Count ?? 0;

    private static Tree Subjects(ApiObject binding, string kind) => string.Join(", ", Items(binding.Body["subjects"])
        .Where(subject => subject["kind"]?.Text == kind)
        .Select(subject => kind == "ServiceAccount" ? $"{subject["namespace"]?.Text}/{subject["name"]?.Text}" : subject["name"]?.Text));

    private static Tree CountOrPercent(Tree? value) => value?.Text ?? (value?.Integer is { } number ? $"{number}" : "N/A");

    private static string Quota(ApiObject quota, bool isLimit) => quota.Status["hard"] is not TreeMap hard ? "" : string.Join(", ", hard.Members()
        .Where(one => one.Key.StartsWith("limits", StringComparison.Ordinal) == isLimit)
        .Select(one => $"{one.Key}: {quota.Status["used"]?[one.Key]?.Text ?? "0"}/{one.Value.Text}"));

    private static string RequestCondition(ApiObject request)
    {
        var words = (string[])
        [
            Conditions.Find(request.Status, "Denied") is not null ? "Denied" : Conditions.Find(request.Status, "Approved") is not null ? "Approved" : "Pending",
            .. Conditions.Find(request.Status, "Failed") is not null ? ["Failed"] : Array.Empty<string>(),
            .. request.Status["certificate"]?.Text is { Length: > 0 } ? ["Issued"] : Array.Empty<string>(),
        ];
        return string.Join(',', words);
    }
}
