using Sparkwright.Simulation;

namespace Sparkwright.World.Emr.Api;

/// <summary>
/// How many calls the account may make: for each operation a bucket of tokens that fills up with time. A call takes a token or is throttled.
/// </summary>
/// <param name="Burst">Tokens that a bucket holds.</param>
/// <param name="StartJobRun">Tokens a second.</param>
/// <param name="DescribeJobRun">Tokens a second.</param>
/// <param name="Read">Tokens a second for each other operation that reads.</param>
/// <param name="Write">Tokens a second for each other operation.</param>
public sealed record EmrQuotas(long Burst, long StartJobRun, long DescribeJobRun, long Read, long Write);

/// <summary>The buckets. They are not kept: after a restart all are full.</summary>
/// <param name="quotas">Null for as many calls as anybody likes.</param>
internal sealed class CallQuotas(Clock clock, EmrQuotas? quotas)
{
    private readonly Dictionary<string, (long Ticks, DateTime At)> buckets = new(StringComparer.Ordinal);

    /// <summary>Takes a token for a call; false when there is none.</summary>
    public bool Take(string operation)
    {
        if (quotas is null)
        {
            return true;
        }

        // What is in a bucket is counted in the time that it takes to fill.
        var token = TimeSpan.TicksPerSecond / PerSecond(quotas, operation);
        var full = quotas.Burst * token;
        var held = buckets.TryGetValue(operation, out var bucket) ? Math.Min(full, bucket.Ticks + (clock.Now - bucket.At).Ticks) : full;
        var isAllowed = held >= token;
        buckets[operation] = (isAllowed ? held - token : held, clock.Now);
        return isAllowed;
    }

    private static long PerSecond(EmrQuotas quotas, string operation) => operation switch
    {
        "StartJobRun" => quotas.StartJobRun,
        "DescribeJobRun" => quotas.DescribeJobRun,
        _ when operation.StartsWith("Describe", StringComparison.Ordinal) || operation.StartsWith("List", StringComparison.Ordinal) => quotas.Read,
        _ => quotas.Write,
    };
}
