using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Sparkwright.Kubernetes.Objects;

/// <summary>Reads YAML (and so JSON) into trees with the places of their parts; scalars are typed as kubectl types them.</summary>
public static class YamlReader
{
    /// <summary>Nodes that one text may grow to through its aliases.</summary>
    private const int MostNodes = 1_000_000;

    /// <summary>Nesting beyond this is refused.</summary>
    private const int MostDepth = 200;

    /// <summary>Every document of a text, or the first mistake in it. An empty document is no document.</summary>
    public static YamlText Read(string text)
    {
        var documents = new List<YamlDocument>();
        try
        {
            var parser = new Parser(new StringReader(text));
            parser.Consume<StreamStart>();
            while (!parser.Accept<StreamEnd>(out _))
            {
                parser.Consume<DocumentStart>();
                var reading = new Reading(parser);
                var root = reading.Node("", 0);
                parser.Consume<DocumentEnd>();
                if (root is not TreeNull)
                {
                    documents.Add(new YamlDocument(root, reading.Marks));
                }
            }

            return new YamlText(documents, null);
        }
        catch (YamlException mistake)
        {
            return new YamlText(documents, new YamlError((int)mistake.Start.Line, (int)mistake.Start.Column, mistake.Message));
        }
    }

    private static Tree Typed(Scalar scalar)
    {
        var text = scalar.Value;
        if (scalar.Style != ScalarStyle.Plain || scalar.Tag == "tag:yaml.org,2002:str" || scalar.Tag == "!")
        {
            return text;
        }

        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return TreeNull.Value;
            case "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "on" or "On" or "ON" or "y" or "Y":
                return text is "y" or "Y" ? text : TreeBoolean.True;
            case "false" or "False" or "FALSE" or "no" or "No" or "NO" or "off" or "Off" or "OFF":
                return TreeBoolean.False;
        }

        return text[0] is '+' or '-' or '.' or (>= '0' and <= '9') ? Number(text) ?? text : text;
    }

    private static Tree? Number(string text)
    {
        var plain = text.Replace("_", "", StringComparison.Ordinal);
        var negative = plain[0] == '-';
        var digits = plain[0] is '+' or '-' ? plain[1..] : plain;
        if (digits.Length == 0 || !(char.IsAsciiDigit(digits[0]) || digits[0] == '.'))
        {
            return null;
        }

        if (digits.Length > 1 && digits[0] == '0' && digits[1] is 'x' or 'o' or 'b' or (>= '0' and <= '9'))
        {
            var (start, radix) = digits[1] switch { 'x' => (2, 16), 'o' => (2, 8), 'b' => (2, 2), _ => (1, 8) };
            if (InRadix(digits[start..], radix) is { } value)
            {
                return negative ? -value : value;
            }

            if (digits[1] is 'x' or 'o' or 'b')
            {
                return null;
            }
        }
        else if (long.TryParse(plain, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
        {
            return whole;
        }

        foreach (var character in digits)
        {
            if (!(char.IsAsciiDigit(character) || character is '.' or 'e' or 'E' or '+' or '-'))
            {
                return null;
            }
        }

        return double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real)
            ? real == Math.Truncate(real) && Math.Abs(real) < 1e15 ? new TreeInteger((long)real) : new TreeReal(real)
            : null;
    }

    private static long? InRadix(string digits, int radix)
    {
        long value = 0;
        foreach (var digit in digits)
        {
            var part = char.IsAsciiHexDigit(digit) ? Convert.ToInt32(digit.ToString(), 16) : 99;
            if (part >= radix || value > (long.MaxValue - part) / radix)
            {
                return null;
            }

            value = (value * radix) + part;
        }

        return digits.Length == 0 ? null : value;
    }

    private sealed class Reading(IParser parser)
    {
        private readonly Dictionary<AnchorName, (Tree Tree, int Nodes)> anchors = [];
        private int nodes;

        public Dictionary<string, YamlMark> Marks { get; } = new(StringComparer.Ordinal);

        public Tree Node(string path, int depth)
        {
            var before = nodes;
            if (parser.TryConsume<AnchorAlias>(out var alias))
            {
                Marks[path] = new YamlMark((int)alias.Start.Line, (int)alias.Start.Column);
                if (!anchors.TryGetValue(alias.Value, out var known))
                {
                    throw new YamlException(alias.Start, alias.End, $"the alias *{alias.Value} has no anchor before it");
                }

                Count(known.Nodes, alias);
                return known.Tree;
            }

            var next = parser.Consume<NodeEvent>();
            Marks[path] = new YamlMark((int)next.Start.Line, (int)next.Start.Column);
            Count(1, next);
            if (depth > MostDepth)
            {
                throw new YamlException(next.Start, next.End, $"nested more than {MostDepth} levels deep");
            }

            switch (next)
            {
                case Scalar scalar:
                    return Anchored(next, Typed(scalar), before);
                case SequenceStart:
                    var items = new List<Tree>();
                    while (!parser.TryConsume<SequenceEnd>(out _))
                    {
                        items.Add(Node($"{path}[{items.Count}]", depth + 1));
                    }

                    return Anchored(next, TreeList.From(items), before);
                case MappingStart:
                    return Anchored(next, Mapping(path, depth), before);
                default:
                    throw new YamlException(next.Start, next.End, "unexpected YAML");
            }
        }

        private TreeMap Mapping(string path, int depth)
        {
            var members = new TreeMapBuilder();
            var merged = new List<TreeMap>();
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                var keyEvent = parser.Consume<NodeEvent>();
                if (keyEvent is not Scalar key)
                {
                    throw new YamlException(keyEvent.Start, keyEvent.End, "a key must be plain text");
                }

                if (key is { Value: "<<", Style: ScalarStyle.Plain })
                {
                    var base_ = Node(path, depth + 1);
                    merged.AddRange(base_ is TreeMap one ? [one] : base_.Items.ToArray().OfType<TreeMap>());
                    continue;
                }

                if (members.Contains(key.Value))
                {
                    throw new YamlException(key.Start, key.End, $"the key \"{key.Value}\" is there twice");
                }

                var at = path.Length == 0 ? key.Value : $"{path}.{key.Value}";
                members.Set(key.Value, Node(at, depth + 1));
                Marks[at] = new YamlMark((int)key.Start.Line, (int)key.Start.Column);
            }

            var own = members.Build();
            foreach (var part in merged)
            {
                own = part.Merge(own);
            }

            return own;
        }

        private Tree Anchored(NodeEvent node, Tree tree, int before)
        {
            if (!node.Anchor.IsEmpty)
            {
                anchors[node.Anchor] = (tree, nodes - before);
            }

            return tree;
        }

        private void Count(int more, ParsingEvent at)
        {
            nodes += more;
            if (nodes > MostNodes)
            {
                throw new YamlException(at.Start, at.End, "aliases make this text too large");
            }
        }
    }
}

/// <summary>What was read of a text; with an error, the documents before it.</summary>
public sealed record YamlText(IReadOnlyList<YamlDocument> Documents, YamlError? Error);

/// <summary>One document and where its parts stand, by paths such as <c>spec.steps[0].apply</c>.</summary>
public sealed record YamlDocument(Tree Root, IReadOnlyDictionary<string, YamlMark> Marks)
{
    /// <summary>The line of a part, or of the nearest known part around it; 1 when nothing is known.</summary>
    public int LineOf(string path)
    {
        for (var known = path; known.Length > 0; known = known[..Math.Max(0, known.LastIndexOfAny(['.', '[']))])
        {
            if (Marks.TryGetValue(known, out var mark))
            {
                return mark.Line;
            }
        }

        return Marks.TryGetValue("", out var root) ? root.Line : 1;
    }
}

/// <summary>A place in a text, from 1.</summary>
public readonly record struct YamlMark(int Line, int Column);

/// <summary>A text that is no YAML.</summary>
public sealed record YamlError(int Line, int Column, string Message)
{
    public override string ToString() => $"line {Line}: {Message}";
}
