namespace Sparkwright.World.Ec2.UserData;

/// <summary>Text that commands read line by line.</summary>
internal sealed class ShellInput(string text)
{
    private int at;

    public string? ReadLine()
    {
        if (at >= text.Length)
        {
            return null;
        }

        var end = text.IndexOf('\n', at) is var next && next >= 0 ? next : text.Length;
        var line = text[at..end];
        at = end + 1;
        return line;
    }

    public string ReadAll()
    {
        var rest = at < text.Length ? text[at..] : "";
        at = text.Length;
        return rest;
    }

    /// <summary>The lines still unread.</summary>
    public List<string> Lines()
    {
        var lines = new List<string>();
        while (ReadLine() is { } line)
        {
            lines.Add(line);
        }

        return lines;
    }
}
