using System.Text.RegularExpressions;

namespace Sparkwright.Kubernetes.Admission;

/// <summary>The syntax of names and values, with what Kubernetes says of each fault; no message means that the text is right.</summary>
public static partial class Formats
{
    public const string SubdomainFault = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
    public const string LabelFault = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
    private const string Dns1035Fault = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
    private const string LabelValueFault = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
    private const string QualifiedNameFault = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
    private const string ConfigKeyFault = "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
    private const string PercentFault = "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";

    public static IEnumerable<string> Subdomain(string text) => LengthAnd(text, 253, Subdomains().IsMatch(text), SubdomainFault);

    public static IEnumerable<string> Label(string text) => LengthAnd(text, 63, Labels().IsMatch(text), LabelFault);

    /// <summary>A label that starts with a letter, as services are named.</summary>
    public static IEnumerable<string> Dns1035Label(string text) => LengthAnd(text, 63, Dns1035Labels().IsMatch(text), Dns1035Fault);

    public static IEnumerable<string> LabelValue(string text) => LengthAnd(text, 63, text.Length == 0 || QualifiedNames().IsMatch(text), LabelValueFault);

    /// <summary>A label key, taint key or resource name: an optional DNS prefix, a slash, a name of at most 63 characters.</summary>
    public static IEnumerable<string> QualifiedName(string text)
    {
        var parts = text.Split('/');
        if (parts.Length > 2)
        {
            yield return $"a qualified name {QualifiedNameFault} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
            yield break;
        }

        if (parts.Length == 2)
        {
            foreach (var fault in parts[0].Length == 0 ? ["must be non-empty"] : Subdomain(parts[0]))
            {
                yield return "prefix part " + fault;
            }
        }

        var name = parts[^1];
        if (name.Length == 0)
        {
            yield return "name part must be non-empty";
        }
        else if (name.Length > 63)
        {
            yield return "name part must be no more than 63 characters";
        }

        if (!QualifiedNames().IsMatch(name))
        {
            yield return "name part " + QualifiedNameFault;
        }
    }

    /// <summary>A key of a ConfigMap's or Secret's data.</summary>
    public static IEnumerable<string> ConfigKey(string text)
    {
        foreach (var fault in LengthAnd(text, 253, ConfigKeys().IsMatch(text), ConfigKeyFault))
        {
            yield return fault;
        }

        if (text is "." or "..")
        {
            yield return $"must not be '{text}'";
        }
        else if (text.StartsWith("..", StringComparison.Ordinal))
        {
            yield return "must not start with '..'";
        }
    }

    /// <summary>The name of a port: an IANA service name.</summary>
    public static IEnumerable<string> PortName(string text)
    {
        if (text.Length > 15)
        {
            yield return "must be no more than 15 characters";
        }

        if (!PortNames().IsMatch(text))
        {
            yield return "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)";
        }

        if (!text.Any(char.IsAsciiLetterLower))
        {
            yield return "must contain at least one letter (a-z)";
        }

        if (text.Contains("--", StringComparison.Ordinal))
        {
            yield return "must not contain consecutive hyphens";
        }

        if (text.StartsWith('-') || text.EndsWith('-'))
        {
            yield return "must not begin or end with a hyphen";
        }
    }

    /// <summary>The name of an environment variable.</summary>
    public static IEnumerable<string> EnvironmentName(string text) =>
        text.All(character => character is >= ' ' and <= '~' and not '=') && text.Length > 0
            ? []
            : ["a valid environment variable name must consist only of printable ASCII characters other than '='"];

    public static IEnumerable<string> Percent(string text) => Percents().IsMatch(text) ? [] : [PercentFault];

    /// <summary>A name that can stand in a path, as roles have it.</summary>
    public static IEnumerable<string> PathSegment(string text)
    {
        if (text is "." or "..")
        {
            yield return $"may not be '{text}'";
        }

        foreach (var character in new[] { '/', '%' })
        {
            if (text.Contains(character, StringComparison.Ordinal))
            {
                yield return $"may not contain '{character}'";
            }
        }
    }

    public static IEnumerable<string> Port(long number) => number is > 0 and < 65536 ? [] : ["must be between 1 and 65535, inclusive"];

    private static IEnumerable<string> LengthAnd(string text, int most, bool matches, string fault)
    {
        if (text.Length > most)
        {
            yield return $"must be no more than {most} characters";
        }

        if (!matches)
        {
            yield return fault;
        }
    }

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex Subdomains();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex Labels();

    [GeneratedRegex(@"^[a-z]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex Dns1035Labels();

    [GeneratedRegex(@"^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\z")]
    private static partial Regex QualifiedNames();

    [GeneratedRegex(@"^[-._a-zA-Z0-9]+\z")]
    private static partial Regex ConfigKeys();

    [GeneratedRegex(@"^[-a-z0-9]+\z")]
    private static partial Regex PortNames();

    [GeneratedRegex(@"^[0-9]+%\z")]
    private static partial Regex Percents();
}
