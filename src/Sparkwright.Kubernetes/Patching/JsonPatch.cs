using System.Globalization;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Patching;

/// <summary>JSON patch, RFC 6902: a list of operations, all of which are done or none.</summary>
public static class JsonPatch
{
    /// <summary>More operations than this are refused, as the server does.</summary>
    private const int MostOperations = 10_000;

    public static PatchResult Apply(TreeMap target, Tree patch)
    {
        if (patch is not TreeList operations)
        {
            return PatchResult.Malformed("json: cannot unmarshal object into Go value of type jsonpatch.Patch");
        }

        if (operations.Count > MostOperations)
        {
            return PatchResult.Unfit($"The allowed maximum operations in a JSON patch is {MostOperations}, got {operations.Count}");
        }

        Tree document = target;
        foreach (var operation in operations.Span)
        {
            var (next, fault) = Step(document, operation);
            if (next is null)
            {
                return PatchResult.Unfit(fault);
            }

            document = next;
        }

        return document is TreeMap whole ? new PatchResult.Patched(whole) : PatchResult.Unfit("the document is no object any more");
    }

    /// <summary>The paths of what no operation of a JSON patch has, such as <c>[0].foo</c>.</summary>
    public static IEnumerable<string> UnknownFields(Tree patch) => patch.Items.ToArray().SelectMany((operation, at) =>
        (operation as TreeMap ?? TreeMap.Empty).Keys.ToArray().Where(key => key is not ("op" or "path" or "from" or "value")).Select(key => $"[{at}].{key}"));

    private static (Tree? Document, string Fault) Step(Tree document, Tree operation)
    {
        if (operation["path"]?.Text is not { } path || Pointer(path) is not { } at)
        {
            return (null, "an operation needs a path");
        }

        var value = operation["value"];
        switch (operation["op"]?.Text)
        {
            case "add" when value is not null:
                return Add(document, at, value, path);
            case "replace" when value is not null:
                return Get(document, at) is null ? (null, $"replace operation does not apply: doc is missing key: {path}: missing value") : Set(document, at, _ => value, path);
            case "remove":
                return Remove(document, at, path);
            case "test":
                var found = Get(document, at) ?? TreeNull.Value;
                return found.Equals(value ?? TreeNull.Value) ? (document, "") : (null, $"testing value {path} failed: test failed");
            case "move" or "copy" when operation["from"]?.Text is { } source && Pointer(source) is { } from:
                if (Get(document, from) is not { } moved)
                {
                    return (null, $"{operation["op"]!.Text} operation does not apply: doc is missing from path: {source}: missing value");
                }

                if (operation["op"]!.Text == "copy")
                {
                    return Add(document, at, moved, path);
                }

                if (at.Length > from.Length && at.AsSpan(0, from.Length).SequenceEqual(from))
                {
                    return (null, $"{path} lies in what is to be moved");
                }

                return Remove(document, from, source) is { Document: { } without } ? Add(without, at, moved, path) : (null, $"cannot remove {source}");
            default:
                return (null, $"Unexpected kind: {operation["op"]?.Text ?? "unknown"}");
        }
    }

    /// <summary>The keys of a pointer; null when it is none.</summary>
    private static string[]? Pointer(string path) =>
        path.Length == 0 ? []
        : path[0] != '/' ? null
        : [.. path[1..].Split('/').Select(part => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];

    private static Tree? Get(Tree document, ReadOnlySpan<string> path)
    {
        Tree? here = document;
        foreach (var key in path)
        {
            here = here switch
            {
                TreeMap map => map.Get(key),
                TreeList list when Index(key, list.Count - 1) is { } at => list.Span[at],
                _ => null,
            };
        }

        return here;
    }

    private static (Tree?, string) Add(Tree document, string[] path, Tree value, string pointer)
    {
        if (path.Length == 0)
        {
            return (value, "");
        }

        return Change(document, path.AsSpan(0, path.Length - 1), parent => parent switch
        {
            TreeMap map => map.With(path[^1], value),
            TreeList list when path[^1] == "-" => list.Add(value),
            TreeList list when Index(path[^1], list.Count) is { } at => TreeList.From([.. list.Span[..at], value, .. list.Span[at..]]),
            _ => null,
        }) is { } changed ? (changed, "") : (null, $"add operation does not apply: doc is missing path: \"{pointer}\": missing value");
    }

    private static (Tree? Document, string Fault) Remove(Tree document, string[] path, string pointer)
    {
        if (path.Length > 0 && Get(document, path) is not null && Change(document, path.AsSpan(0, path.Length - 1), parent => parent switch
        {
            TreeMap map => map.With(path[^1], null),
            TreeList list when Index(path[^1], list.Count - 1) is { } at => TreeList.From([.. list.Span[..at], .. list.Span[(at + 1)..]]),
            _ => null,
        }) is { } changed)
        {
            return (changed, "");
        }

        return (null, $"remove operation does not apply: doc is missing path: \"{pointer}\": missing value");
    }

    private static (Tree?, string) Set(Tree document, string[] path, Func<Tree, Tree?> change, string pointer) =>
        Change(document, path, change) is { } changed ? (changed, "") : (null, $"missing path {pointer}");

    /// <summary>The document with the value at a path changed; null when the path or the change does not exist.</summary>
    private static Tree? Change(Tree here, ReadOnlySpan<string> path, Func<Tree, Tree?> change)
    {
        if (path.IsEmpty)
        {
            return change(here);
        }

        switch (here)
        {
            case TreeMap map when map.Get(path[0]) is { } child:
                return Change(child, path[1..], change) is { } changed ? map.With(path[0], changed) : null;
            case TreeList list when Index(path[0], list.Count - 1) is { } at:
                if (Change(list.Span[at], path[1..], change) is not { } item)
                {
                    return null;
                }

                var items = list.Span.ToArray();
                items[at] = item;
                return TreeList.From(items);
            default:
                return null;
        }
    }

    /// <summary>A place in a list, from 0 to a last one; no leading zeros. Negative places count from the end, as the server allows.</summary>
    private static int? Index(string key, int last)
    {
        if (!int.TryParse(key, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var at) || (key.Length > 1 && key[0] is '0' or '+'))
        {
            return null;
        }

        at = at < 0 ? at + last + 1 : at;
        return at >= 0 && at <= last ? at : null;
    }
}
