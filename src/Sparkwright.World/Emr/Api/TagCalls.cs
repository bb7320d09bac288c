using System.Text.RegularExpressions;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Store;
using Sparkwright.World.Aws.Api;

namespace Sparkwright.World.Emr.Api;

/// <summary>
/// The operations on tags. ARNs that they take are those of virtual clusters, job runs and managed endpoints, as the API's model has it; templates
/// and security configurations have the tags that they were made with.
/// </summary>
internal sealed partial class TagCalls(ObjectStore store, EmrSettings settings, EmrResources resources)
{
    private const int MostTags = 50;

    public AwsAnswer List(AwsCall call)
    {
        var (resource, refusal) = Find(call);
        return resource is null ? EmrAnswers.Refuse(refusal!) : AwsAnswer.Ok(("tags", TagsOf(resource)));
    }

    public AwsAnswer Tag(AwsCall call)
    {
        var shape = new RequestShape();
        if (call.Input["tags"] is null or TreeNull)
        {
            shape.Missing("tags", "a map of texts");
        }

        var given = StartJobRunReader.ReadTags(shape, call.Input["tags"]);
        var (resource, refusal) = Find(call);
        if (resource is null || shape.Problem is not null)
        {
            return EmrAnswers.Refuse(shape.Problem is { } problem ? EmrRefusal.Invalid(problem) : refusal!);
        }

        var tags = TagsOf(resource).Merge(given);
        if (tags.Count > MostTags)
        {
            return EmrAnswers.Invalid($"tags: the resource would have {tags.Count} tags; at most {MostTags} are allowed");
        }

        resources.Tag(resource, tags);
        return AwsAnswer.Ok();
    }

    public AwsAnswer Untag(AwsCall call)
    {
        var shape = new RequestShape();
        var keys = call.Texts("tagKeys");
        if (call.Input["tagKeys"] is null)
        {
            shape.Missing("tagKeys", "the keys of the tags to remove");
        }

        if (keys.Count > MostTags)
        {
            shape.Refuse("tagKeys", $"{keys.Count} keys", $"at most {MostTags}");
        }

        foreach (var key in keys)
        {
            shape.Text(key, "tagKeys", 128, EmrPatterns.NotBlank());
        }

        var (resource, refusal) = Find(call);
        if (resource is null || shape.Problem is not null)
        {
            return EmrAnswers.Refuse(shape.Problem is { } problem ? EmrRefusal.Invalid(problem) : refusal!);
        }

        resources.Tag(resource, keys.Aggregate(TagsOf(resource), static (tags, key) => tags.With(key, null)));
        return AwsAnswer.Ok();
    }

    private static TreeMap TagsOf(ApiObject resource) =>
        resource.Spec["tags"] as TreeMap ?? resource.Spec.At("request", "tags") as TreeMap ?? TreeMap.Empty;

    private (ApiObject? Resource, EmrRefusal? Refusal) Find(AwsCall call)
    {
        var shape = new RequestShape();
        var arn = shape.Required(call.Input["resourceArn"], "resourceArn", 500, ArnPattern(), "the ARN of a virtual cluster, job run or managed endpoint");
        if (shape.Problem is { } problem)
        {
            return (null, EmrRefusal.Invalid(problem));
        }

        var parts = arn[(arn.IndexOf(":/", StringComparison.Ordinal) + 2)..].Split('/');
        var type = parts switch
        {
            ["virtualclusters", _] => EmrTypes.VirtualCluster,
            ["virtualclusters", _, "jobruns", _] => EmrTypes.JobRun,
            ["virtualclusters", _, "endpoints", _] => EmrTypes.ManagedEndpoint,
            _ => null,
        };
        return type is not null && store.Get(type, "", parts[^1]) is { } known && EmrIds.Arn(settings, string.Join('/', parts)) == arn && known.Spec["arn"]?.Text == arn
            ? (known, null)
            : (null, EmrRefusal.NotFound($"Resource {arn} doesn't exist."));
    }

    [GeneratedRegex(@"^arn:aws[a-zA-Z0-9-]*:emr-containers:.+:\d{12}:/virtualclusters/.+$", RegexOptions.CultureInvariant)]
    private static partial Regex ArnPattern();
}
