using System.Text.RegularExpressions;

namespace Sparkwright.World.Emr;

/// <summary>Patterns of the API's model that several operations share.</summary>
internal static partial class EmrPatterns
{
    [GeneratedRegex(@"^[.\-_/#A-Za-z0-9]+$")]
    public static partial Regex Name();
}
