using System.Text.RegularExpressions;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Store;
using Sparkwright.World.Aws.Api;

namespace Sparkwright.World.Emr.Api;

/// <summary>The operations on virtual clusters.</summary>
internal sealed partial class VirtualClusterCalls(ObjectStore store, VirtualClusters clusters)
{
    public AwsAnswer Create(AwsCall call)
    {
        var shape = new RequestShape();
        shape.Map(call.Input, "", "name", "containerProvider", "clientToken", "tags", "securityConfigurationId");
        shape.Required(call.Input["name"], "name", 64, EmrPatterns.Name(), EmrPatterns.NameAllowed);
        shape.Required(call.Input["clientToken"], "clientToken", 64, EmrPatterns.NotBlank());
        ReadProvider(shape, call.Input["containerProvider"]);
        shape.Text(call.Input["securityConfigurationId"], "securityConfigurationId", 64, EmrPatterns.Id(), EmrPatterns.IdAllowed);
        StartJobRunReader.ReadTags(shape, call.Input["tags"]);
        return shape.Problem is { } problem ? EmrAnswers.Invalid(problem) : EmrAnswers.Of(clusters.Create(call.Input), EmrAnswers.Made);
    }

    public AwsAnswer Describe(AwsCall call) => EmrAnswers.WrongIds(call, "id") is { } wrong ? wrong
        : clusters.Get(call.Text("id")!) is { } known ? AwsAnswer.Ok(("virtualCluster", Print(known)))
        : EmrAnswers.Refuse(EmrRefusal.NotFound($"Virtual cluster {call.Text("id")} doesn't exist."));

    public AwsAnswer List(AwsCall call)
    {
        var shape = new RequestShape();
        var cluster = shape.Text(call.Input["containerProviderId"], "containerProviderId", 1024);
        var type = shape.Text(call.Input["containerProviderType"], "containerProviderType", 3, ProviderPattern(), "EKS");
        var integrated = shape.Text(call.Input["eksAccessEntryIntegrated"], "eksAccessEntryIntegrated", 5, FlagPattern(), "true or false");

        // This cluster knows EMR on EKS by aws-auth, not by an access entry.
        return shape.Problem is { } problem ? EmrAnswers.Invalid(problem) : EmrAnswers.Page(
            call,
            "virtualClusters",
            VirtualClusterState.All,
            filter => filter.Youngest(store.List(EmrTypes.VirtualCluster)).Where(known => integrated != "true"
                && filter.Admits(VirtualCluster.StateOf(known))
                && (cluster is null || Provider(known, "id") == cluster)
                && (type is null || Provider(known, "type") == type)),
            Print);
    }

    public AwsAnswer Delete(AwsCall call) => EmrAnswers.WrongIds(call, "id") is { } wrong ? wrong
        : clusters.Delete(call.Text("id")!) is { } refusal ? EmrAnswers.Refuse(refusal)
        : AwsAnswer.Ok(("id", call.Text("id")));

    /// <summary>The container provider of a virtual cluster or of a security configuration.</summary>
    internal static void ReadProvider(RequestShape shape, Tree? tree)
    {
        const string Where = "containerProvider";
        if (tree is null or TreeNull)
        {
            shape.Missing(Where, "type EKS, the cluster's name as id, and the namespace in info.eksInfo");
        }

        var provider = shape.Map(tree, Where, "type", "id", "info");
        shape.Required(provider["type"], Where + ".type", 3, ProviderPattern(), "EKS");
        shape.Required(provider["id"], Where + ".id", 100, ClusterPattern(), "the name of an EKS cluster");
        var info = shape.Map(provider["info"], Where + ".info", "eksInfo");
        var eks = shape.Map(info["eksInfo"], Where + ".info.eksInfo", "namespace", "nodeLabel");
        shape.Required(eks["namespace"], Where + ".info.eksInfo.namespace", 63, NamespacePattern(), "the name of a namespace");
        shape.Text(eks["nodeLabel"], Where + ".info.eksInfo.nodeLabel", 64, EmrPatterns.Name(), EmrPatterns.NameAllowed);
    }

    private static string? Provider(ApiObject cluster, string member) => cluster.Spec.At("request", "containerProvider", member)?.Text;

    private static TreeMap Print(ApiObject cluster) => EmrResources.Print(cluster)
        .With("containerProvider", cluster.Spec.At("request", "containerProvider"))
        .With("securityConfigurationId", cluster.Spec.At("request", "securityConfigurationId"))
        .With("state", VirtualCluster.StateOf(cluster));

    [GeneratedRegex("^EKS$", RegexOptions.CultureInvariant)]
    private static partial Regex ProviderPattern();

    [GeneratedRegex("^(true|false)$", RegexOptions.CultureInvariant)]
    private static partial Regex FlagPattern();

    [GeneratedRegex(@"^[0-9A-Za-z][A-Za-z0-9\-_]*$", RegexOptions.CultureInvariant)]
    private static partial Regex ClusterPattern();

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", RegexOptions.CultureInvariant)]
    private static partial Regex NamespacePattern();
}
