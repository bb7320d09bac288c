using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Selectors;

namespace Sparkwright.Kubernetes.Fitting;

/// <summary>One term of a node selector: all its requirements must hold; a term with none matches no node.</summary>
public sealed record NodeSelectorTerm(ImmutableArray<LabelRequirement> Expressions, ImmutableArray<LabelRequirement> Fields)
{
    public static NodeSelectorTerm From(Tree tree) => new(
        [.. Tree.ItemsOf(tree["matchExpressions"]).ToArray().Select(LabelRequirement.From)],
        [.. Tree.ItemsOf(tree["matchFields"]).ToArray().Select(LabelRequirement.From)]);

    public bool Matches(TreeMap labels, string nodeName)
    {
        if (Expressions.IsEmpty && Fields.IsEmpty)
        {
            return false;
        }

        foreach (var expression in Expressions)
        {
            if (!expression.Matches(labels))
            {
                return false;
            }
        }

        foreach (var field in Fields)
        {
            // metadata.name is the only field that a node selector knows.
            if (field.Key != "metadata.name" || !field.Matches(nodeName))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>A wish for certain nodes; the heavier, the more it counts (1 to 100).</summary>
public sealed record PreferredNodeTerm(long Weight, NodeSelectorTerm Term);

/// <summary>A port that a pod takes on its node.</summary>
/// <param name="HostIp">Empty or 0.0.0.0 means every address.</param>
public sealed record HostPort(string HostIp, string Protocol, long Port)
{
    public bool ConflictsWith(HostPort other) =>
        Port == other.Port && Protocol == other.Protocol && (IsEveryAddress || other.IsEveryAddress || HostIp == other.HostIp);

    private bool IsEveryAddress => HostIp is "" or "0.0.0.0";
}
