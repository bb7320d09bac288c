using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Aws.Access;
using Sparkwright.World.Ec2;

namespace Sparkwright.World.Karpenter.Apis;

/// <summary>One way in which a node class names AWS resources; of several terms any may match, within a term all must.</summary>
public sealed record SelectorTerm
{
    /// <summary>Tag keys and the wanted values, with EC2's wildcards.</summary>
    public TreeMap Tags { get; init; } = TreeMap.Empty;

    public string? Id { get; init; }

    public string? Name { get; init; }

    /// <summary>The account of an image: an id, <c>self</c> or <c>amazon</c>.</summary>
    public string? Owner { get; init; }

    /// <summary>An image family and version, such as <c>al2023@latest</c>.</summary>
    public string? Alias { get; init; }

    public string? SsmParameter { get; init; }

    /// <summary>Whether <see cref="Tags"/> is a v1alpha1 map, in which commas mean any of and <c>aws-ids</c> lists ids.</summary>
    public bool IsLegacyMap { get; init; }

    /// <summary>The terms of a v1 list.</summary>
    public static ImmutableArray<SelectorTerm> ListOf(Tree? list) =>
    [
        .. Tree.ItemsOf(list).ToArray().Select(term => new SelectorTerm
        {
            Tags = term["tags"] as TreeMap ?? TreeMap.Empty,
            Id = term["id"]?.Text,
            Name = term["name"]?.Text,
            Owner = term["owner"]?.Text,
            Alias = term["alias"]?.Text,
            SsmParameter = term["ssmParameter"]?.Text,
        }),
    ];

    /// <summary>The one term that a v1alpha1 selector is; none when there is no selector.</summary>
    public static ImmutableArray<SelectorTerm> OfMap(Tree? selector) =>
        selector is TreeMap { Count: > 0 } map ? [new SelectorTerm { Tags = map, IsLegacyMap = true }] : [];

    /// <summary>Whether a resource of this id, name and tags is meant.</summary>
    public bool Matches(string id, string? name, TreeMap tags)
    {
        if (IsLegacyMap)
        {
            return TagSelector.Matches(Tags, tags, id);
        }

        if ((Id is not null && Id != id) || (Name is not null && (name is null || !Wildcards.Fit(Name, name))))
        {
            return false;
        }

        foreach (var (key, value) in Tags)
        {
            if (tags.Get(key)?.Text is not { } tag || !Wildcards.Fit(value.Text ?? "", tag))
            {
                return false;
            }
        }

        return Id is not null || Name is not null || Tags.Count > 0;
    }
}
