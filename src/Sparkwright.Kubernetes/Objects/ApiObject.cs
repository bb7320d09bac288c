namespace Sparkwright.Kubernetes.Objects;

/// <summary>One object of the cluster, immutable: its type, its metadata, and all the rest as a tree.</summary>
public sealed class ApiObject
{
    public ApiObject(ResourceType type, ObjectMeta metadata, TreeMap body)
    {
        Type = type;
        Metadata = metadata;
        Body = body;
    }

    public ResourceType Type { get; }

    public ObjectMeta Metadata { get; }

    /// <summary>Every top-level member but apiVersion, kind and metadata: spec, status, data, …</summary>
    public TreeMap Body { get; }

    public string Name => Metadata.Name;

    public string Namespace => Metadata.Namespace;

    public ObjectKey Key => new(Metadata.Namespace, Metadata.Name);

    public TreeMap Spec => Body.Get("spec") as TreeMap ?? TreeMap.Empty;

    public TreeMap Status => Body.Get("status") as TreeMap ?? TreeMap.Empty;

    public ApiObject With(ObjectMeta metadata) => new(Type, metadata, Body);

    public ApiObject With(TreeMap body) => new(Type, Metadata, body);

    /// <summary>This object with one value of its body set, maps on the way made; null removes.</summary>
    public ApiObject Set(ReadOnlySpan<string> path, Tree? value) => With(Body.Set(path, value));

    public ApiObject WithSpec(TreeMap spec) => With(Body.With("spec", spec));

    public ApiObject WithStatus(TreeMap? status) => With(Body.With("status", status));

    public ApiObject WithLabel(string key, string? value) =>
        With(Metadata with { Labels = Metadata.Labels.With(key, value) });

    public ApiObject WithAnnotation(string key, string? value) =>
        With(Metadata with { Annotations = Metadata.Annotations.With(key, value) });

    /// <summary>Equal in everything, resourceVersion included.</summary>
    public bool SameAs(ApiObject other) => ReferenceEquals(this, other) || (Metadata.Equals(other.Metadata) && Body.Equals(other.Body));

    /// <summary>The object as the API shows it.</summary>
    public TreeMap ToTree() => Body
        .With("apiVersion", Type.ApiVersion)
        .With("kind", Type.Kind)
        .With("metadata", Metadata.ToTree());

    /// <summary>Reads an object whose type is known; apiVersion and kind are not looked at.</summary>
    public static ApiObject From(ResourceType type, TreeMap tree) => new(
        type,
        ObjectMeta.From(tree["metadata"]),
        tree.With("apiVersion", null).With("kind", null).With("metadata", null));

    /// <summary>A reference to this object as the owner that manages another one.</summary>
    public OwnerReference AsOwner(bool controller = true) =>
        new(Type.ApiVersion, Type.Kind, Name, Metadata.Uid, controller, controller);

    public override string ToString() => $"{Type.Kind} {Key}";
}

/// <summary>Namespace and name of an object; the namespace is empty for cluster-scoped kinds.</summary>
public readonly record struct ObjectKey(string Namespace, string Name) : IComparable<ObjectKey>
{
    public int CompareTo(ObjectKey other) =>
        string.CompareOrdinal(Namespace, other.Namespace) is var order && order != 0 ? order : string.CompareOrdinal(Name, other.Name);

    public override string ToString() => Namespace.Length == 0 ? Name : Namespace + "/" + Name;
}
