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
        var parser = new Parser(new StringReader(text));
        try
        {
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
        catch (Exception mistake) when (mistake is InvalidOperationException or ArgumentException or FormatException or IndexOutOfRangeException)
        {
            // The parser gives up on some malformed texts without saying where; the last thing that it understood is near.
            var near = parser.Current?.End ?? Mark.Empty;
            return new YamlText(documents, new YamlError((int)near.Line, (int)near.Column, "could not understand what follows"));
        }
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
                    return Anchored(next, YamlScalars.Typed(scalar), before);
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
            var keys = new HashSet<string>(StringComparer.Ordinal);
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                var (key, mark, isMerge) = Key();
                if (isMerge)
                {
                    var here = Marks[path];
                    merged.AddRange(Merged(Node(path, depth + 1), mark));
                    Marks[path] = here;
                    continue;
                }

                if (!keys.Add(key))
                {
                    throw new YamlException(mark, mark, $"key \"{key}\" already set in map");
                }

                var at = path.Length == 0 ? key : $"{path}.{key}";
                members.Set(key, Node(at, depth + 1));
                Marks[at] = new YamlMark((int)mark.Line, (int)mark.Column);
            }

            var own = members.Build();
            foreach (var part in merged)
            {
                own = part.Merge(own);
            }

            return own;
        }

        private (string Key, Mark At, bool IsMerge) Key()
        {
            var next = parser.Consume<ParsingEvent>();
            switch (next)
            {
                case Scalar scalar:
                    Count(1, next);
                    Anchored(scalar, YamlScalars.Typed(scalar), nodes - 1);
                    return (YamlScalars.Key(scalar), next.Start, scalar is { Value: "<<", Style: ScalarStyle.Plain });
                case AnchorAlias alias when anchors.TryGetValue(alias.Value, out var known) && known.Tree is TreeText text:
                    return (text.Value, next.Start, false);
                default:
                    throw new YamlException(next.Start, next.End, "a key must be plain text");
            }
        }

        /// <summary>The maps of a merge key; those that come first win.</summary>
        private static IEnumerable<TreeMap> Merged(Tree value, Mark at) => value switch
        {
            TreeMap one => [one],
            TreeList list when list.Span.ToArray().All(item => item is TreeMap) => list.Span.ToArray().Cast<TreeMap>(),
            _ => throw new YamlException(at, at, "map merge requires map or sequence of maps as the value"),
        };

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
