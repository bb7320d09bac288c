using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.World.Aws.Api;

namespace Sparkwright.World.Ec2.Api;

/// <summary>Systems Manager, as far as its public parameters name the images that EKS recommends for the cluster's version.</summary>
public sealed class ImageParameters(ApiServer api, Ec2Cloud ec2, string region, string kubernetesVersion)
{
    /// <summary>Names of one call.</summary>
    private const int MostNames = 10;

    public AwsService Service() => new("ssm", AwsProtocol.Json, "",
    [
        new("GetParameter", call => call.Text("Name") is not { } name ? AwsAnswer.Refuse(400, "ValidationException", "Name must not be null")
            : Find(name) is { } found ? AwsAnswer.Ok(("Parameter", found))
            : AwsAnswer.Refuse(400, "ParameterNotFound", "")),
        new("GetParameters", GetParameters),
    ]);

    private AwsAnswer GetParameters(AwsCall call)
    {
        var names = call.Texts("Names").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        return names.Count is 0 or > MostNames
            ? AwsAnswer.Refuse(400, "ValidationException", $"Names must have 1 to {MostNames} members")
            : AwsAnswer.Ok(
                ("InvalidParameters", TreeList.OfTexts(names.Where(name => Find(name) is null))),
                ("Parameters", TreeList.From(names.Select(Find).OfType<TreeMap>())));
    }

    /// <summary>A parameter of the cluster's version; those of other versions name images that are not here.</summary>
    private TreeMap? Find(string name) => IsOfVersion(name) && SsmParameters.FamilyOf(name) is ({ } family, { } arch) && ec2.ImageOf(family, arch) is { } image
        ? TreeMap.Of(
            ("ARN", $"arn:aws:ssm:{region}::parameter{name}"),
            ("DataType", "aws:ec2:image"),
            ("LastModifiedDate", EpochTime.Of(api.Clock.Start)),
            ("Name", name),
            ("Type", "String"),
            ("Value", image),
            ("Version", 1))
        : null;

    private bool IsOfVersion(string name) =>
        (name.StartsWith($"/aws/service/eks/optimized-ami/{kubernetesVersion}/", StringComparison.Ordinal) || name.StartsWith($"/aws/service/bottlerocket/aws-k8s-{kubernetesVersion}/", StringComparison.Ordinal))
        && name.EndsWith("/image_id", StringComparison.Ordinal);
}
