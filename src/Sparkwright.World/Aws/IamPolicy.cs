using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Aws.Access;

namespace Sparkwright.World.Aws;

/// <summary>A customer's policy as the store has it.</summary>
/// <param name="Document">Of the default version.</param>
internal sealed record IamPolicy(string Arn, string DefaultVersion, PolicyDocument? Document)
{
    public const string VersionsMember = "versions";
    public const string DefaultMember = "defaultVersionId";

    public static IamPolicy Of(ApiObject known) => known.Spec.View(static spec =>
    {
        var version = spec[DefaultMember]?.Text ?? "";
        return new IamPolicy(spec["arn"]?.Text ?? "", version, PolicyDocument.Read(spec.At(VersionsMember, version, "document")?.Text ?? "", PolicyKind.Identity).Document);
    });

    public static ApiObject Make(string arn, string name, string path, string id, string? description, string document, DateTime now) => new(
        IamTypes.Policy,
        new ObjectMeta { Name = name },
        TreeMap.Of(("spec", TreeMap.Of(
            ("arn", arn),
            (DefaultMember, "v1"),
            ("description", description),
            ("path", path),
            ("policyId", id),
            ("versionsMade", 1),
            (VersionsMember, TreeMap.Of(("v1", Version(document, now))))))));

    public static TreeMap Version(string document, DateTime now) =>
        TreeMap.Of(("createDate", now.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)), ("document", document));
}
