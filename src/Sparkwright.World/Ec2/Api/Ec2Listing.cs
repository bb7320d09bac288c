using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Aws.Access;
using Sparkwright.World.Aws.Api;

namespace Sparkwright.World.Ec2.Api;

/// <summary>Names by which a call may ask for single resources, and what it is told of those that are not there.</summary>
/// <param name="Member">Of the call's input, such as InstanceId.</param>
internal sealed record Ec2Names<T>(string Member, Func<T, string> Of, Func<IReadOnlyList<string>, AwsAnswer> Missing);

/// <summary>
/// One of EC2's Describe calls: all that there is, cut down by names and filters and into pages. Of a filter's values one must match, <c>*</c>
/// and <c>?</c> are wildcards, and all filters must match.
/// </summary>
/// <param name="Member">The list of the answer.</param>
/// <param name="Filters">The filters' names, and what they look at.</param>
internal sealed record Ec2Listing<T>(string Member, Func<IEnumerable<T>> All, Func<T, Tree> Print, params (string Name, Func<T, IEnumerable<string?>> Values)[] Filters)
{
    /// <summary>Entries of a page, at most and when the caller does not say.</summary>
    private const int PageSize = 1000;

    /// <summary>The tags of a resource; null for what has none.</summary>
    public Func<T, TreeMap>? Tags { get; init; }

    public ImmutableArray<Ec2Names<T>> Names { get; init; } = [];

    /// <summary>The least size of a page that may be asked for.</summary>
    public int LeastPage { get; init; } = 1;

    public AwsAnswer Answer(AwsCall call)
    {
        if (Ec2Refusals.DryRun(call) is { } dry)
        {
            return dry;
        }

        var found = All();
        foreach (var names in Names.Where(names => call.Input[names.Member] is not null))
        {
            if (call.Text("MaxResults") is not null)
            {
                return Ec2Refusals.Refuse("InvalidParameterCombination", $"The parameter {char.ToLowerInvariant(names.Member[0])}{names.Member[1..]}s cannot be used with the parameter maxResults");
            }

            var wanted = call.Texts(names.Member);
            var known = found.ToList();
            var missing = wanted.Where(name => !known.Exists(one => names.Of(one) == name)).ToList();
            if (missing.Count > 0)
            {
                return names.Missing(missing);
            }

            found = known.Where(one => wanted.Contains(names.Of(one)));
        }

        foreach (var filter in Tree.ItemsOf(call.Input["Filter"]).ToArray())
        {
            var name = filter["Name"]?.Text ?? "";
            if (ValuesOf(name) is not { } values)
            {
                return Ec2Refusals.Refuse("InvalidParameterValue", $"The filter '{name}' is invalid");
            }

            var patterns = Tree.ItemsOf(filter["Value"]).ToArray().Select(value => value.Text ?? "").ToList();
            found = found.Where(one => values(one).Any(value => value is not null && patterns.Exists(pattern => Wildcards.Fit(pattern, value))));
        }

        if (call.Text("MaxResults") is not null && (call.Number("MaxResults") is not { } size || size < LeastPage || size > PageSize))
        {
            return Ec2Refusals.Refuse(
                "InvalidParameterValue", $"Value ( {call.Text("MaxResults")} ) for parameter maxResults is invalid. Expecting a value between {LeastPage} and {PageSize}.");
        }

        return AwsPages.Of([.. found], call, PageSize, "MaxResults", "NextToken") is { } page
            ? AwsAnswer.Ok((Member, AwsPages.Trees(page, Print)), ("nextToken", page.Next))
            : Ec2Refusals.Refuse("InvalidParameterValue", "Invalid value for nextToken");
    }

    private Func<T, IEnumerable<string?>>? ValuesOf(string filter)
    {
        if (Tags is { } tags)
        {
            if (filter.StartsWith("tag:", StringComparison.Ordinal))
            {
                return one => [tags(one).Get(filter["tag:".Length..])?.Text];
            }

            if (filter == "tag-key")
            {
                return one => tags(one).Members().Select(tag => tag.Key);
            }
        }

        return Array.Find(Filters, known => known.Name == filter).Values;
    }
}

/// <summary>What EC2 refuses, in its own words.</summary>
internal static class Ec2Refusals
{
    public static AwsAnswer Refuse(string code, string message) => AwsAnswer.Refuse(400, code, message);

    /// <summary>What a call is told that only asks whether it might; null for one that means it.</summary>
    public static AwsAnswer? DryRun(AwsCall call) =>
        call.Text("DryRun") == "true" ? AwsAnswer.Refuse(412, "DryRunOperation", "Request would have succeeded, but DryRun flag is set.") : null;

    /// <summary>Resources of one kind that are not there, such as InvalidSubnetID.NotFound.</summary>
    public static Func<IReadOnlyList<string>, AwsAnswer> NotFound(string code, string what) => missing => Refuse(
        code, missing.Count == 1 ? $"The {what} '{missing[0]}' does not exist" : $"The {what}s '{string.Join(", ", missing)}' do not exist");

    public static AwsAnswer NoInstance(IReadOnlyList<string> missing) =>
        missing.FirstOrDefault(id => !id.StartsWith("i-", StringComparison.Ordinal)) is { } malformed
            ? Refuse("InvalidInstanceID.Malformed", $"Invalid id: \"{malformed}\"")
            : NotFound("InvalidInstanceID.NotFound", "instance ID")(missing);
}
