using System.Collections.Immutable;
using System.Globalization;

namespace Sparkwright.Kubernetes.Objects;

/// <summary>The metadata that every object carries.</summary>
public sealed record ObjectMeta
{
    public string Name { get; init; } = "";

    /// <summary>A prefix to which the server adds five characters when <see cref="Name"/> is empty.</summary>
    public string GenerateName { get; init; } = "";

    /// <summary>Empty for cluster-scoped objects.</summary>
    public string Namespace { get; init; } = "";

    public string Uid { get; init; } = "";

    /// <summary>The store's counter at the last write; 0 before the first.</summary>
    public long ResourceVersion { get; init; }

    /// <summary>Counts changes of the desired state; 0 for kinds that do not count.</summary>
    public long Generation { get; init; }

    public DateTime CreationTimestamp { get; init; }

    public DateTime? DeletionTimestamp { get; init; }

    public long? DeletionGracePeriodSeconds { get; init; }

    public TreeMap Labels { get; init; } = TreeMap.Empty;

    public TreeMap Annotations { get; init; } = TreeMap.Empty;

    public ImmutableArray<string> Finalizers { get; init; } = [];

    public ImmutableArray<OwnerReference> OwnerReferences { get; init; } = [];

    /// <summary>
    /// Who owns which field, as the API shows it; null when nothing was said about it, which leaves it as it is in a write. Only clients' writes
    /// are tracked.
    /// </summary>
    public TreeList? ManagedFields { get; init; }

    public bool IsBeingDeleted => DeletionTimestamp is not null;

    /// <summary>The owner that manages this object, if any.</summary>
    public OwnerReference? Controller
    {
        get
        {
            foreach (var owner in OwnerReferences)
            {
                if (owner.IsController)
                {
                    return owner;
                }
            }

            return null;
        }
    }

    public string? Label(string key) => Labels.Get(key)?.Text;

    public string? Annotation(string key) => Annotations.Get(key)?.Text;

    public bool Equals(ObjectMeta? other) =>
        other is not null && Name == other.Name && GenerateName == other.GenerateName && Namespace == other.Namespace && Uid == other.Uid
        && ResourceVersion == other.ResourceVersion && Generation == other.Generation && CreationTimestamp == other.CreationTimestamp
        && DeletionTimestamp == other.DeletionTimestamp && DeletionGracePeriodSeconds == other.DeletionGracePeriodSeconds
        && (ManagedFields ?? TreeList.Empty).Equals(other.ManagedFields ?? TreeList.Empty)
        && Labels.Equals(other.Labels) && Annotations.Equals(other.Annotations)
        && Finalizers.AsSpan().SequenceEqual(other.Finalizers.AsSpan())
        && OwnerReferences.AsSpan().SequenceEqual(other.OwnerReferences.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Name, Namespace, Uid, ResourceVersion);

    /// <summary>The metadata as the API shows it; what was never set is left out.</summary>
    public TreeMap ToTree() => TreeMap.Of(
        ("annotations", Annotations.Count == 0 ? null : Annotations),
        ("creationTimestamp", CreationTimestamp == default ? TreeNull.Value : Timestamps.Print(CreationTimestamp)),
        ("deletionGracePeriodSeconds", DeletionGracePeriodSeconds is { } grace ? grace : null),
        ("deletionTimestamp", DeletionTimestamp is { } deletion ? Timestamps.Print(deletion) : null),
        ("finalizers", Finalizers.IsEmpty ? null : TreeList.OfTexts(Finalizers)),
        ("generateName", GenerateName.Length == 0 ? null : GenerateName),
        ("generation", Generation == 0 ? null : Generation),
        ("labels", Labels.Count == 0 ? null : Labels),
        ("managedFields", ManagedFields is { Count: > 0 } managed ? managed : null),
        ("name", Name.Length == 0 ? null : Name),
        ("namespace", Namespace.Length == 0 ? null : Namespace),
        ("ownerReferences", OwnerReferences.IsEmpty ? null : TreeList.From(OwnerReferences.Select(owner => owner.ToTree()))),
        ("resourceVersion", ResourceVersion == 0 ? null : ResourceVersion.ToString(CultureInfo.InvariantCulture)),
        ("uid", Uid.Length == 0 ? null : Uid));

    /// <summary>Reads metadata whose types have been checked; what is absent keeps its default.</summary>
    public static ObjectMeta From(Tree? tree)
    {
        if (tree is not TreeMap map)
        {
            return new ObjectMeta();
        }

        return new ObjectMeta
        {
            Name = map["name"]?.Text ?? "",
            GenerateName = map["generateName"]?.Text ?? "",
            Namespace = map["namespace"]?.Text ?? "",
            Uid = map["uid"]?.Text ?? "",
            ResourceVersion = long.TryParse(map["resourceVersion"]?.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0,
            Generation = map["generation"]?.Integer ?? 0,
            CreationTimestamp = Timestamps.Read(map["creationTimestamp"]) ?? default,
            DeletionTimestamp = Timestamps.Read(map["deletionTimestamp"]),
            DeletionGracePeriodSeconds = map["deletionGracePeriodSeconds"]?.Integer,
            Labels = map["labels"] as TreeMap ?? TreeMap.Empty,
            Annotations = map["annotations"] as TreeMap ?? TreeMap.Empty,
            ManagedFields = map["managedFields"] as TreeList,
            Finalizers = [.. TextsOf(map["finalizers"])],
            OwnerReferences = [.. OwnersOf(map["ownerReferences"])],
        };
    }

    private static IEnumerable<string> TextsOf(Tree? list) =>
        (list?.Items.ToArray() ?? []).Select(item => item.Text).OfType<string>();

    private static IEnumerable<OwnerReference> OwnersOf(Tree? list) =>
        (list?.Items.ToArray() ?? []).Select(OwnerReference.From);
}

/// <summary>Names an object that this one belongs to, and with which it goes.</summary>
public sealed record OwnerReference(string ApiVersion, string Kind, string Name, string Uid, bool IsController = false, bool BlocksDeletion = false)
{
    public static OwnerReference From(Tree tree) => new(
        tree["apiVersion"]?.Text ?? "",
        tree["kind"]?.Text ?? "",
        tree["name"]?.Text ?? "",
        tree["uid"]?.Text ?? "",
        tree["controller"]?.Boolean ?? false,
        tree["blockOwnerDeletion"]?.Boolean ?? false);

    public TreeMap ToTree() => TreeMap.Of(
        ("apiVersion", ApiVersion),
        ("blockOwnerDeletion", BlocksDeletion ? true : null),
        ("controller", IsController ? true : null),
        ("kind", Kind),
        ("name", Name),
        ("uid", Uid));
}
