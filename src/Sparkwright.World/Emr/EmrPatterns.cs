using System.Text.RegularExpressions;

namespace Sparkwright.World.Emr;

/// <summary>Patterns of the API's model that several operations share.</summary>
internal static partial class EmrPatterns
{
    /// <summary>What a name is, for error texts.</summary>
    public const string NameAllowed = "1 to 64 of the characters A-Z a-z 0-9 . - _ / #";

    public const string IdAllowed = "an id of lower-case letters and digits";

    public const string RoleAllowed = "the ARN of an IAM role such as arn:aws:iam::111122223333:role/name";

    [GeneratedRegex(@"^[.\-_/#A-Za-z0-9]+$")]
    public static partial Regex Name();

    [GeneratedRegex("^[0-9a-z]{1,64}$", RegexOptions.CultureInvariant)]
    public static partial Regex Id();

    [GeneratedRegex(@"\S", RegexOptions.CultureInvariant)]
    public static partial Regex NotBlank();

    [GeneratedRegex(@"^arn:aws[a-zA-Z0-9-]*:iam::(\d{12})?:role/([\u0021-\u007F]+/)?[\w+=,.@-]+$", RegexOptions.CultureInvariant)]
    public static partial Regex Role();

    [GeneratedRegex(@"^[.\-_/A-Za-z0-9]+$", RegexOptions.CultureInvariant)]
    public static partial Regex Release();

    /// <summary>A KMS key, or in a job template a placeholder.</summary>
    [GeneratedRegex(@"^(arn:aws[a-zA-Z0-9-]*:kms:.+:(\d{12})?:key/[0-9a-zA-Z()?-]+|\$\{[a-zA-Z]\w*\})$", RegexOptions.CultureInvariant)]
    public static partial Regex Key();
}
