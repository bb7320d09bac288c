namespace Sparkwright.World.Aws.Access;

/// <summary>A policy that somebody has.</summary>
/// <param name="Name">Of the policy, as IAM lists it.</param>
public sealed record NamedPolicy(string Name, PolicyDocument Document);

/// <summary>
/// IAM's rule: nothing is allowed unless a statement allows it, and a statement that denies beats all others.
/// </summary>
public static class PolicyEvaluator
{
    public static AccessVerdict Decide(IEnumerable<NamedPolicy> policies, AccessRequest request)
    {
        var verdict = AccessVerdict.Silent;
        foreach (var policy in policies)
        {
            foreach (var statement in policy.Document.Statements)
            {
                if (!statement.Covers(request, policy.Document.HasVariables))
                {
                    continue;
                }

                if (!statement.Allows)
                {
                    return new AccessVerdict(AccessEffect.Denied, policy.Name, statement.Sid);
                }

                if (!verdict.IsAllowed)
                {
                    verdict = new AccessVerdict(AccessEffect.Allowed, policy.Name, statement.Sid);
                }
            }
        }

        return verdict;
    }
}
