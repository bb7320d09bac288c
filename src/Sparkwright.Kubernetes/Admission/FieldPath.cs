using System.Globalization;

namespace Sparkwright.Kubernetes.Admission;

/// <summary>The place of a field in an object; written out only when something is wrong there.</summary>
public sealed class FieldPath
{
    private readonly FieldPath? parent;
    private readonly string part;

    private FieldPath(FieldPath? parent, string part)
    {
        this.parent = parent;
        this.part = part;
    }

    public static FieldPath Root(string name) => new(null, name);

    public static implicit operator string(FieldPath path) => path.ToString();

    public FieldPath Child(string name) => new(this, "." + name);

    public FieldPath Index(int at) => new(this, $"[{at.ToString(CultureInfo.InvariantCulture)}]");

    public FieldPath Key(string key) => new(this, $"[{key}]");

    public override string ToString() => parent is null ? part : string.Concat(parent.ToString(), part);
}
