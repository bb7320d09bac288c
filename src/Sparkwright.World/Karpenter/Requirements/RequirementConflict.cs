namespace Sparkwright.World.Karpenter.Requirements;

/// <summary>Why something cannot carry a pod as far as one label goes; in words as Karpenter's events have it.</summary>
public abstract record RequirementConflict
{
    private RequirementConflict(Requirement wanted) => Wanted = wanted;

    public Requirement Wanted { get; }

    /// <summary>A custom label that the other side does not speak of.</summary>
    /// <param name="Meant">The label that was probably meant, or null.</param>
    public sealed record UnknownLabel(Requirement Asked, string? Meant) : RequirementConflict(Asked)
    {
        public override string ToString() =>
            $"label \"{Asked.Key}\" does not have known values{(Meant is null ? "" : $" (typo of \"{Meant}\"?)")}";
    }

    /// <summary>Both sides speak of the label and no value suits both.</summary>
    public sealed record NothingInCommon(Requirement Asked, Requirement Have) : RequirementConflict(Asked)
    {
        public override string ToString() => $"key {Asked.Key}, {Asked} not in {Have}";
    }
}
