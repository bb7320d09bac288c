using System.Text;

namespace Sparkwright.World.Ec2.UserData;

internal enum UserDataKind
{
    Script,
    NodeConfig,

    /// <summary>Settings that make no directory: Bottlerocket's TOML.</summary>
    Settings,
    Unknown,
}

/// <param name="FirstLine">The line of the userData on which the text starts, from 1.</param>
internal sealed record UserDataPart(UserDataKind Kind, string Text, int FirstLine);

/// <summary>Takes userData apart as cloud-init does.</summary>
internal static class UserDataParts
{
    public static IReadOnlyList<UserDataPart> Split(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return [];
        }

        var lines = text.Split('\n');
        var start = Array.FindIndex(lines, line => line.Trim().Length > 0);
        return IsHeader(lines[start]) ? Parts(lines, start) : [Part(lines, start, lines.Length, "")];
    }

    private static bool IsHeader(string line) =>
        line.StartsWith("MIME-Version:", StringComparison.OrdinalIgnoreCase) || line.StartsWith("Content-Type:", StringComparison.OrdinalIgnoreCase);

    private static List<UserDataPart> Parts(string[] lines, int start)
    {
        var (headers, at) = Headers(lines, start, lines.Length);
        if (BoundaryOf(headers) is not { } boundary)
        {
            return [Part(lines, at, lines.Length, headers)];
        }

        var parts = new List<UserDataPart>();
        var opening = -1;
        for (; at <= lines.Length; at++)
        {
            var line = at < lines.Length ? lines[at].TrimEnd() : boundary + "--";
            if (line != boundary && line != boundary + "--")
            {
                continue;
            }

            if (opening >= 0)
            {
                var (own, body) = Headers(lines, opening, at);

                // A part may itself be a multi-part message: tools that merge userData nest them.
                parts.AddRange(BoundaryOf(own) is not null ? Parts(lines[..at], opening) : [Part(lines, body, at, own)]);
            }

            opening = line == boundary ? at + 1 : -1;
        }

        return parts;
    }

    private static UserDataPart Part(string[] lines, int from, int to, string headers)
    {
        var text = string.Join('\n', lines[Math.Min(from, to)..to]);
        if (headers.Contains("content-transfer-encoding: base64", StringComparison.OrdinalIgnoreCase))
        {
            var bytes = new byte[text.Length];
            text = Convert.TryFromBase64String(text, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : text;
        }

        return new UserDataPart(KindOf(text.TrimStart(), headers), text, from + 1);
    }

    private static UserDataKind KindOf(string text, string headers)
    {
        if (text.Length == 0)
        {
            return UserDataKind.Settings;
        }

        if (headers.Contains("application/node.eks.aws", StringComparison.OrdinalIgnoreCase) || text.StartsWith("apiVersion: node.eks.aws", StringComparison.Ordinal))
        {
            return UserDataKind.NodeConfig;
        }

        if (text.StartsWith("#!", StringComparison.Ordinal) || headers.Contains("text/x-shellscript", StringComparison.OrdinalIgnoreCase))
        {
            return UserDataKind.Script;
        }

        if (text.StartsWith("#cloud-config", StringComparison.Ordinal) || text.StartsWith('<') || headers.Length > 0)
        {
            return UserDataKind.Unknown;
        }

        // Tables of TOML; else Karpenter wraps bare text as a script.
        return text.Split('\n').Any(line => line.StartsWith('[') && line.TrimEnd().EndsWith(']')) && !text.Contains("[[ ", StringComparison.Ordinal) ? UserDataKind.Settings : UserDataKind.Script;
    }

    private static (string Headers, int Body) Headers(string[] lines, int from, int to)
    {
        var at = from;
        while (at < to && lines[at].Trim().Length > 0)
        {
            at++;
        }

        return (string.Join('\n', lines[from..at]), Math.Min(at + 1, to));
    }

    /// <summary>The line that separates the parts, from the header; null when this is no multi-part message.</summary>
    private static string? BoundaryOf(string headers)
    {
        const string Key = "boundary=";
        var at = headers.IndexOf(Key, StringComparison.OrdinalIgnoreCase);
        if (at < 0)
        {
            return null;
        }

        var rest = headers[(at + Key.Length)..];
        var value = rest.StartsWith('"') ? rest[1..].Split('"')[0] : rest.Split(';', '\n')[0].Trim();
        return value.Length == 0 ? null : "--" + value;
    }
}
