using System.Collections.Immutable;

namespace Sparkwright.World.YuniKorn;

/// <summary>A pod of YuniKorn without a node, and everything that stands between it and one at this moment.</summary>
/// <param name="Application">The id of its application.</param>
/// <param name="Queue">The path of its queue; empty before it has one.</param>
/// <param name="Reasons">What must change first comes first.</param>
public sealed record PendingPod(string Namespace, string Name, string Application, string Queue, ImmutableArray<PendingReason> Reasons);

/// <summary>One thing that keeps a pod from its node.</summary>
/// <param name="Rule">
/// application (not yet before the queues), gang (places of others of its gang), applications (as many run as may), queue, user, volume, backoff,
/// nodes (what they lack or refuse), reservation (nodes kept free), scheduler (its turn comes).
/// </param>
/// <param name="Why">Both sides of the rule.</param>
public sealed record PendingReason(string Rule, string Why);
