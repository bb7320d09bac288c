namespace Sparkwright.World.Ec2;

/// <summary>
/// The ids of zones, which are the same in every account. Which letter an account's zone has is drawn by AWS; here letters and numbers go
/// together, so that us-west-2a is usw2-az1.
/// </summary>
public static class ZoneIds
{
    /// <summary>us-west-2a → usw2-az1, ap-northeast-1c → apne1-az3.</summary>
    public static string Of(string zone)
    {
        var region = zone[..^1].Split('-');
        var directions = string.Concat(region[1..^1].Select(Short));
        return $"{region[0]}{directions}{region[^1]}-az{zone[^1] - 'a' + 1}";
    }

    /// <summary>north → n, southeast → se, gov → g.</summary>
    private static string Short(string word)
    {
        var isBoth = word.Length > 5 && (word.StartsWith("north", StringComparison.Ordinal) || word.StartsWith("south", StringComparison.Ordinal));
        return isBoth ? $"{word[0]}{word[5]}" : word[..1];
    }
}
