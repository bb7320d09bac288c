namespace Sparkwright.World.Ec2;

/// <summary>The public parameters under which AWS names its newest images.</summary>
internal static class SsmParameters
{
    /// <summary>Family and architecture of a parameter; nulls for one that is not known.</summary>
    public static (string? Family, string? Arch) FamilyOf(string parameter)
    {
        var path = parameter[(parameter.IndexOf(":parameter", StringComparison.Ordinal) is var at && at >= 0 ? at + ":parameter".Length : 0)..];
        var family = path switch
        {
            _ when path.StartsWith("/aws/service/eks/optimized-ami/", StringComparison.Ordinal) => path.Contains("amazon-linux-2023", StringComparison.Ordinal) ? "AL2023"
                : path.Contains("amazon-linux-2", StringComparison.Ordinal) ? "AL2" : null,
            _ when path.StartsWith("/aws/service/bottlerocket/", StringComparison.Ordinal) => "Bottlerocket",
            _ when path.StartsWith("/aws/service/canonical/ubuntu/", StringComparison.Ordinal) => "Ubuntu",
            _ => null,
        };
        return (family, family is null ? null : path.Contains("arm64", StringComparison.Ordinal) ? "arm64" : "amd64");
    }
}
