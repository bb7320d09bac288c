using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Blueprint;

/// <summary>A plan as JSON, for machines and for the way between the platform and the command line.</summary>
public static class PlanJson
{
    public static TreeMap Write(PlatformPlan plan) => TreeMap.Of(
        ("add", plan.Adds),
        ("change", plan.Updates),
        ("changes", TreeList.From(plan.Changes.Select(static change => TreeMap.Of(
            ("action", NameOf(change.Kind)),
            ("address", change.Resource.Address),
            ("attributes", TreeList.From(change.Attributes.Select(static one => TreeMap.Of(
                ("after", one.After ?? TreeNull.Value), ("before", one.Before ?? TreeNull.Value), ("forcesReplacement", one.ForcesReplacement), ("path", one.Path))))),
            ("key", change.Resource.Key),
            ("module", PlatformModules.NameOf(change.Resource.Module)),
            ("type", change.Resource.Type),
            ("unchanged", change.Unchanged))))),
        ("destroy", plan.Destroys));

    /// <summary>A plan as <see cref="Write"/> has written it; the resources have no attributes but those that change.</summary>
    public static PlatformPlan Read(Tree plan) => new([.. Tree.ItemsOf(plan["changes"]).ToArray().Select(static change => new ResourceChange(
        Enum.GetValues<ChangeKind>().First(kind => NameOf(kind) == change["action"]?.Text),
        new PlatformResource(
            PlatformModules.Find(change["module"]?.Text ?? "") ?? PlatformModule.Addons, change["type"]?.Text ?? "", change["key"]?.Text ?? "", TreeMap.Empty),
        [.. Tree.ItemsOf(change["attributes"]).ToArray().Select(static one => new AttributeChange(
            one["path"]?.Text ?? "", NullOr(one["before"]), NullOr(one["after"]), one["forcesReplacement"]?.Boolean ?? false))],
        (int)(change["unchanged"]?.Integer ?? 0)))]);

    /// <summary>create, update, replace, delete.</summary>
#pragma warning disable CA1308 // Names of actions are lower case.
    public static string NameOf(ChangeKind kind) => kind.ToString().ToLowerInvariant();
#pragma warning restore CA1308

    private static Tree? NullOr(Tree? value) => value is TreeNull ? null : value;
}
