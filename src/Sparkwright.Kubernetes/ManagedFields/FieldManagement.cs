using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Schema;

namespace Sparkwright.Kubernetes.ManagedFields;

/// <summary>Who writes, how and when, as managedFields will remember it.</summary>
/// <param name="ApiVersion">The version in which the client wrote.</param>
/// <param name="Subresource">Empty for the object itself.</param>
/// <param name="Now">As the API prints times.</param>
internal sealed record FieldWriter(string Manager, string ApiVersion, string Subresource, string Now);

/// <summary>
/// Who owns which field of an object. A write takes over the fields that it sets otherwise; an apply owns what it says, takes away what it no
/// longer says and nobody else owns, and must not change what others own unless it is forced.
/// </summary>
internal static class FieldManagement
{
    /// <summary>The manager that is named the owner of everything in an object that nobody was tracked for before its first apply.</summary>
    private const string BeforeFirstApply = "before-first-apply";

    /// <summary>The manager of kubectl's server-side apply, which takes over what its client-side apply had said.</summary>
    private const string Kubectl = "kubectl";

    /// <summary>Fields that the server itself keeps; nobody owns them.</summary>
    private static readonly FieldSet Unowned = new(TreeMap.Of(
        ("f:apiVersion", TreeMap.Empty),
        ("f:kind", TreeMap.Empty),
        ("f:metadata", TreeMap.Of([
            (".", TreeMap.Empty),
            .. new[] { "clusterName", "creationTimestamp", "generation", "managedFields", "name", "namespace", "resourceVersion", "selfLink", "uid" }
                .Select(name => ($"f:{name}", (Tree?)TreeMap.Empty)),
        ]))));

    /// <summary>
    /// The managedFields of an object after a create, a replacement or a patch; null when the object is not tracked: one that was made without them
    /// stays without them until its first apply.
    /// </summary>
    /// <param name="live">Null on create.</param>
    /// <param name="wanted">With its defaults, before others have changed it in admission.</param>
    public static TreeList? AfterWrite(ApiObject? live, ApiObject wanted, KindSchema? schema, FieldWriter writer)
    {
        var given = wanted.Metadata.ManagedFields;
        if (writer.Subresource.Length == 0 && given is { Count: 1 } && given.Span[0] is TreeMap { Count: 0 })
        {
            // One empty entry is how clients ask to forget all.
            return TreeList.Empty;
        }

        var entries = (writer.Subresource.Length == 0 ? ManagerEntry.Read(given) : null) is { Count: > 0 } said ? said : ManagerEntry.Read(live?.Metadata.ManagedFields) ?? [];
        if (entries.Count == 0 && live is not null)
        {
            return null;
        }

        var shape = FieldShape.Of(schema);
        var comparison = FieldTrees.Compare(live is null ? EmptyObject(schema) : Document(live), Document(wanted), shape);
        return ManagerEntry.Write(Written(entries, comparison, writer));
    }

    /// <summary>What an apply makes of an object.</summary>
    /// <param name="live">Null when there is none.</param>
    /// <param name="applied">The configuration, as the client wrote it.</param>
    /// <param name="isForced">Whether fields of others may be changed.</param>
    public static ApplyOutcome Apply(ApiObject? live, TreeMap applied, KindSchema? schema, bool hasStatus, FieldWriter writer, bool isForced)
    {
        var shape = FieldShape.Of(schema);
        var liveDocument = live is null ? TreeMap.Empty : Document(live);
        var entries = ManagerEntry.Read(live?.Metadata.ManagedFields) ?? [];
        if (live is not null && entries.Count == 0)
        {
            entries = Written([], FieldTrees.Compare(EmptyObject(schema), liveDocument, shape), writer with { Manager = BeforeFirstApply });
        }

        // What belongs to another subresource is neither applied nor owned.
        var document = writer.Subresource == "status"
            ? TreeMap.Of(("apiVersion", applied["apiVersion"]), ("kind", applied["kind"]), ("status", applied["status"]))
            : hasStatus ? applied.With("status", null) : applied;
        var said = FieldTrees.SetOf(document, shape);
        var me = new ManagerEntry(writer.Manager, ManagerEntry.Apply, writer.ApiVersion, writer.Subresource, writer.Now, said.Difference(Unowned));
        var before = entries.FirstOrDefault(me.IsSameManager);
        var others = entries.Where(entry => !me.IsSameManager(entry)).ToList();
        var merged = ApplyMerge.Merge(liveDocument, document, shape);
        if (before is not null)
        {
            // What nobody owns counts as said here, or the name would go with the last label.
            merged = Pruned(merged, before.Fields, others.Aggregate(said, (all, one) => all.Union(one.Fields)), shape);
        }

        var comparison = FieldTrees.Compare(liveDocument, merged, shape);
        var conflicts = others.Select(other => other with { Fields = other.Fields.Intersection(comparison.Written) }).Where(one => !one.Fields.IsEmpty).ToList();
        if (!isForced && conflicts.Count > 0)
        {
            if (writer.Manager == Kubectl && live is not null)
            {
                var migrated = SaidByClientSideApply(live, liveDocument, shape);
                conflicts = [.. conflicts.Select(one => one with { Fields = one.Fields.Difference(migrated) }).Where(one => !one.Fields.IsEmpty)];
            }

            if (conflicts.Count > 0)
            {
                return new ApplyOutcome.Conflict(Refusal(conflicts));
            }
        }

        if (writer.Manager == Kubectl && live?.Metadata.Annotation(Manifests.LastAppliedAnnotation) is not null)
        {
            merged = merged.Set(["metadata", "annotations", Manifests.LastAppliedAnnotation], WithoutLastApplied(applied).ToString() + "\n");
        }

        var isUnchanged = before is not null && before.Fields == me.Fields && merged.Equals(liveDocument);
        var left = others
            .Select(other => other with { Fields = other.Fields.Difference(comparison.Written).Difference(comparison.Removed) })
            .Append(me with { Time = isUnchanged ? before!.Time : writer.Now })
            .Where(entry => !entry.Fields.IsEmpty);
        return new ApplyOutcome.Applied(merged, ManagerEntry.Write(left));
    }

    private static List<ManagerEntry> Written(IReadOnlyList<ManagerEntry> entries, FieldComparison comparison, FieldWriter writer)
    {
        var written = comparison.Written.Difference(Unowned);
        var me = new ManagerEntry(writer.Manager, ManagerEntry.Update, writer.ApiVersion, writer.Subresource, writer.Now, FieldSet.Empty);
        var before = entries.FirstOrDefault(me.IsSameManager);
        me = me with { Fields = (before?.Fields ?? FieldSet.Empty).Difference(comparison.Removed).Union(written) };
        if (before is not null && written.IsEmpty && before.Fields == me.Fields)
        {
            me = before;
        }

        return
        [
            .. entries
                .Where(entry => !me.IsSameManager(entry))
                .Select(other => other with { Fields = other.Fields.Difference(comparison.Written).Difference(comparison.Removed) })
                .Append(me)
                .Where(entry => !entry.Fields.IsEmpty),
        ];
    }

    /// <summary>The merged object without what the manager applied last, applies no more, and nobody else owns.</summary>
    /// <param name="last">What the manager applied last.</param>
    /// <param name="owned">What is owned now, by this manager and the others.</param>
    private static TreeMap Pruned(TreeMap merged, FieldSet last, FieldSet owned, FieldShape shape)
    {
        last = last.WithNamedFields(shape);
        owned = owned.WithNamedFields(shape);
        var all = FieldTrees.SetOf(merged, shape).WithNamedFields(shape);

        // First all that was applied, then back with what somebody owns, then back with what was never applied.
        var without = FieldTrees.SetOf(Without(last), shape).WithNamedFields(shape);
        var withOwned = FieldTrees.SetOf(Without(all.Difference(without.Union(owned))), shape).WithNamedFields(shape);
        return Without(all.Difference(withOwned).Intersection(last));

        TreeMap Without(FieldSet gone) => FieldTrees.Without(merged, gone, shape) as TreeMap ?? TreeMap.Empty;
    }

    /// <summary>The fields that client-side apply said and that are still as it said.</summary>
    private static FieldSet SaidByClientSideApply(ApiObject live, TreeMap liveDocument, FieldShape shape)
    {
        if (live.Metadata.Annotation(Manifests.LastAppliedAnnotation) is not { } text)
        {
            return FieldSet.Empty;
        }

        try
        {
            var said = TreeJson.Parse(text);
            var comparison = FieldTrees.Compare(said, liveDocument, shape);
            return FieldTrees.SetOf(said, shape).Difference(comparison.Written).Difference(comparison.Removed);
        }
        catch (System.Text.Json.JsonException)
        {
            return FieldSet.Empty;
        }
    }

    private static ApiStatus Refusal(List<ManagerEntry> conflicts)
    {
        var all = conflicts
            .OrderBy(one => one.Shown, StringComparer.Ordinal)
            .Select(one => (one.Shown, Paths: one.Fields.Paths().ToList()))
            .ToList();
        var count = all.Sum(one => one.Paths.Count);
        var message = count == 1
            ? $"Apply failed with 1 conflict: conflict with {all[0].Shown}: {all[0].Paths[0]}"
            : $"Apply failed with {count} conflicts: {string.Join('\n', all.Select(one => $"conflicts with {one.Shown}:\n{string.Join('\n', one.Paths.Select(path => $"- {path}"))}"))}";
        return new ApiStatus(409, "Conflict", message)
        {
            Details = TreeMap.Of(("causes", TreeList.From(all.SelectMany(one => one.Paths.Select(path => TreeMap.Of(
                ("field", path), ("message", $"conflict with {one.Shown}"), ("reason", "FieldManagerConflict"))))))),
        };
    }

    private static TreeMap Document(ApiObject known) => known.With(known.Metadata with { ManagedFields = null }).ToTree();

    private static TreeMap WithoutLastApplied(TreeMap applied)
    {
        var plain = applied.Set(["metadata", "annotations", Manifests.LastAppliedAnnotation], null);
        return plain.At("metadata", "annotations") is TreeMap { Count: 0 } && applied.At("metadata", "annotations") is TreeMap { Count: > 0 }
            ? plain.Set(["metadata", "annotations"], null)
            : plain;
    }

    /// <summary>What an object of the kind looks like before anything is set: the empty values that the server writes all the same.</summary>
    private static TreeMap EmptyObject(KindSchema? schema) => schema is { IsCustom: false } ? Empty(schema.Root) : TreeMap.Empty;

    private static TreeMap Empty(TypeSchema type)
    {
        var members = new TreeMapBuilder();
        foreach (var (name, field) in type.InOrder)
        {
            if (field.Fact("emit") is { } emitted)
            {
                members.Set(name, emitted is TreeMap && field.Object is { ValueType: null } nested ? Empty(nested) : emitted);
            }
        }

        return members.Build();
    }
}

/// <summary>What an apply comes to.</summary>
internal abstract record ApplyOutcome
{
    private ApplyOutcome()
    {
    }

    /// <param name="Document">The object as it should be, to be decoded.</param>
    public sealed record Applied(TreeMap Document, TreeList ManagedFields) : ApplyOutcome;

    public sealed record Conflict(ApiStatus Status) : ApplyOutcome;
}
