using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Fitting;

/// <summary>A mark on a node that keeps pods away.</summary>
/// <param name="Effect">NoSchedule, PreferNoSchedule or NoExecute.</param>
public sealed record Taint(string Key, string Value, string Effect)
{
    public const string NoSchedule = "NoSchedule";
    public const string PreferNoSchedule = "PreferNoSchedule";
    public const string NoExecute = "NoExecute";

    public bool KeepsPodsAway => Effect is NoSchedule or NoExecute;

    public static Taint From(Tree tree) => new(tree["key"]?.Text ?? "", tree["value"]?.Text ?? "", tree["effect"]?.Text ?? "");

    public TreeMap ToTree() => TreeMap.Of(("effect", Effect), ("key", Key), ("value", Value.Length == 0 ? null : Value));

    /// <summary>The taint as messages show it: <c>{key: value}</c>.</summary>
    public override string ToString() => $"{{{Key}: {Value}}}";
}

/// <summary>A pod's permission to be on a node in spite of a taint.</summary>
/// <param name="Key">Empty with Exists tolerates every key.</param>
/// <param name="Effect">Empty tolerates every effect.</param>
public sealed record Toleration(string Key, string Operator, string Value, string Effect, long? Seconds)
{
    public static Toleration From(Tree tree) => new(
        tree["key"]?.Text ?? "",
        tree["operator"]?.Text ?? "",
        tree["value"]?.Text ?? "",
        tree["effect"]?.Text ?? "",
        tree["tolerationSeconds"]?.Integer);

    public bool Tolerates(Taint taint) =>
        (Effect.Length == 0 || Effect == taint.Effect)
        && (Key.Length == 0 || Key == taint.Key)
        && (Operator == "Exists" || (Operator is "" or "Equal" && Key.Length > 0 && Value == taint.Value));
}
