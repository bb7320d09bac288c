namespace Sparkwright.Kubernetes.Objects;

/// <summary>What was read of a text; with an error, the documents before it.</summary>
public sealed record YamlText(IReadOnlyList<YamlDocument> Documents, YamlError? Error);

/// <summary>One document and where its parts stand, by paths such as <c>spec.steps[0].apply</c>.</summary>
public sealed record YamlDocument(Tree Root, IReadOnlyDictionary<string, YamlMark> Marks)
{
    /// <summary>The line of a part, or of the nearest known part around it; 1 when nothing is known.</summary>
    public int LineOf(string path) => MarkOf(path).Line;

    /// <summary>The place of a part (of its key, where it has one), or of the nearest known part around it.</summary>
    public YamlMark MarkOf(string path)
    {
        for (var known = path; known.Length > 0; known = known[..Math.Max(0, known.LastIndexOfAny(['.', '[']))])
        {
            if (Marks.TryGetValue(known, out var mark))
            {
                return mark;
            }
        }

        return Marks.TryGetValue("", out var root) ? root : new YamlMark(1, 1);
    }
}

/// <summary>A place in a text, from 1.</summary>
public readonly record struct YamlMark(int Line, int Column);

/// <summary>A text that is no YAML.</summary>
public sealed record YamlError(int Line, int Column, string Message)
{
    public override string ToString() => $"line {Line}: {Message}";
}
