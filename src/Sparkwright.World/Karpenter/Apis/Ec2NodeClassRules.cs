using Sparkwright.Kubernetes.Admission;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Karpenter.Apis;

/// <summary>The expressions of the EC2NodeClass's CustomResourceDefinition; defaults, patterns and bounds are in the schema.</summary>
public sealed class Ec2NodeClassRules : KindRules
{
    private static readonly (string Alias, string Family, string Name)[] Families =
    [
        ("al2", "AL2", "an AL2"), ("al2023", "AL2023", "an AL2023"), ("bottlerocket", "Bottlerocket", "a Bottlerocket"),
        ("windows2019", "Windows2019", "a Windows2019"), ("windows2022", "Windows2022", "a Windows2022"), ("windows2025", "Windows2025", "a Windows2025"),
    ];

    public override IEnumerable<FieldError> Validate(ApiObject candidate, ApiObject? old)
    {
        var spec = candidate.Spec;
        return Images(spec)
            .Concat(Terms(spec, "subnetSelectorTerms", ["tags", "id"], ["id"]))
            .Concat(Terms(spec, "securityGroupSelectorTerms", ["tags", "id", "name"], ["id", "name"]))
            .Concat(Identity(spec))
            .Concat(Devices(spec["blockDeviceMappings"]))
            .Concat(KubeletRules.Validate(spec["kubelet"], "spec.kubelet"))
            .Concat(Tags(spec["tags"]));
    }

    private static IEnumerable<FieldError> Identity(TreeMap spec)
    {
        foreach (var field in new[] { "role", "instanceProfile" })
        {
            if (spec[field]?.Text is { Length: 0 })
            {
                yield return CelRules.Broken($"spec.{field}", "string", $"{field} cannot be empty");
            }
        }

        if (spec["role"] is null == spec["instanceProfile"] is null)
        {
            yield return CelRules.Broken("spec", "object", "must specify exactly one of ['role', 'instanceProfile']");
        }
    }

    /// <summary>As upstream, a term with too much is only refused where all terms have too much.</summary>
    private static IEnumerable<FieldError> Terms(TreeMap spec, string field, string[] oneOf, string[] alone)
    {
        var (terms, path) = (Tree.ItemsOf(spec[field]).ToArray(), $"spec.{field}");
        foreach (var error in EmptyTags(terms, path))
        {
            yield return error;
        }

        if (terms.Length == 0)
        {
            yield return CelRules.Broken(path, "array", $"{field} cannot be empty");
            yield break;
        }

        if (Array.Exists(terms, term => !oneOf.Any(key => term[key] is not null)))
        {
            yield return CelRules.Broken(path, "array", $"expected at least one, got none, [{Quoted(oneOf)}]");
        }

        foreach (var key in alone.Where(key => Array.TrueForAll(terms, term => term[key] is not null && oneOf.Any(other => other != key && term[other] is not null))))
        {
            yield return CelRules.Broken(path, "array", $"'{key}' is mutually exclusive, cannot be set with a combination of other fields in {field}");
        }
    }

    private static IEnumerable<FieldError> EmptyTags(Tree[] terms, string path) => terms
        .Select((term, at) => (Tags: term["tags"] as TreeMap ?? TreeMap.Empty, At: at))
        .Where(term => term.Tags.Members().Any(tag => tag.Key.Length == 0 || string.IsNullOrEmpty(tag.Value.Text)))
        .Select(term => CelRules.Broken($"{path}[{term.At}].tags", "object", "empty tag keys or values aren't supported"));

    private static IEnumerable<FieldError> Images(TreeMap spec)
    {
        const string path = "spec.amiSelectorTerms";
        var terms = Tree.ItemsOf(spec["amiSelectorTerms"]).ToArray();
        foreach (var error in EmptyTags(terms, path).Concat(terms.SelectMany((term, at) => Alias(term["alias"]?.Text, $"{path}[{at}].alias"))))
        {
            yield return error;
        }

        string[] ways = ["tags", "id", "name", "alias", "ssmParameter"];
        if (Array.Exists(terms, term => !ways.Any(key => term[key] is not null)))
        {
            yield return CelRules.Broken(path, "array", $"expected at least one, got none, [{Quoted(ways)}]");
        }

        foreach (var key in new[] { "id", "alias" })
        {
            if (Array.Exists(terms, term => term[key] is not null && new[] { "id", "alias", "tags", "name", "owner" }.Any(other => other != key && term[other] is not null)))
            {
                yield return CelRules.Broken(path, "array", $"'{key}' is mutually exclusive, cannot be set with a combination of other fields in amiSelectorTerms");
            }
        }

        var alias = terms.Select(term => term["alias"]?.Text).FirstOrDefault(text => text is not null);
        if (alias is not null && terms.Length != 1)
        {
            yield return CelRules.Broken(path, "array", "'alias' is mutually exclusive, cannot be set with a combination of other amiSelectorTerms");
        }

        var family = spec["amiFamily"]?.Text;
        if (alias is null && family is null)
        {
            yield return CelRules.Broken("spec", "object", "must specify amiFamily if amiSelectorTerms does not contain an alias");
        }

        if (family is not null && Array.Find(Families, known => known.Alias == alias?.Split('@')[0]) is { Family: { } wanted, Name: var name } && family != "Custom" && family != wanted)
        {
            yield return CelRules.Broken("spec", "object", $"if set, amiFamily must be '{wanted}' or 'Custom' when using {name} alias");
        }
    }

    private static IEnumerable<FieldError> Alias(string? alias, string path)
    {
        if (alias is null)
        {
            yield break;
        }

        var at = alias.IndexOf('@', StringComparison.Ordinal);
        if (at <= 0 || at == alias.Length - 1 || !alias[..at].All(char.IsAsciiLetterOrDigit))
        {
            yield return CelRules.Broken(path, "string", "'alias' is improperly formatted, must match the format 'family@version'");
            yield break;
        }

        if (!Array.Exists(Families, known => known.Alias == alias[..at]))
        {
            yield return CelRules.Broken(path, "string", $"family is not supported, must be one of the following: {Quoted(Families.Select(known => known.Alias))}");
        }
        else if (alias.StartsWith("windows", StringComparison.Ordinal) && alias[(at + 1)..] != "latest")
        {
            yield return CelRules.Broken(path, "string", "windows families may only specify version 'latest'");
        }
    }

    private static IEnumerable<FieldError> Devices(Tree? mappings)
    {
        var all = Tree.ItemsOf(mappings).ToArray();
        foreach (var (ebs, at) in all.Select((mapping, at) => (mapping["ebs"], at)).Where(entry => entry.Item1 is not null))
        {
            if (ebs!["snapshotID"] is null && ebs["volumeSize"] is null)
            {
                yield return CelRules.Broken($"spec.blockDeviceMappings[{at}].ebs", "object", "snapshotID or volumeSize must be defined");
            }

            if (ebs["volumeInitializationRate"] is not null && string.IsNullOrEmpty(ebs["snapshotID"]?.Text))
            {
                yield return CelRules.Broken($"spec.blockDeviceMappings[{at}].ebs", "object", "snapshotID must be set when volumeInitializationRate is set");
            }
        }

        if (all.Count(mapping => mapping["rootVolume"]?.Boolean == true) > 1)
        {
            yield return CelRules.Broken("spec.blockDeviceMappings", "array", "must have only one blockDeviceMappings with rootVolume");
        }
    }

    private static IEnumerable<FieldError> Tags(Tree? tags) => (tags as TreeMap ?? TreeMap.Empty).Members()
        .Select(tag => tag.Key switch
        {
            "" => "empty tag keys aren't supported",
            "eks:eks-cluster-name" or "karpenter.sh/nodepool" or "karpenter.sh/nodeclaim" or "karpenter.k8s.aws/ec2nodeclass" => $"tag contains a restricted tag matching {tag.Key}",
            _ when tag.Key.StartsWith("kubernetes.io/cluster", StringComparison.Ordinal) => "tag contains a restricted tag matching kubernetes.io/cluster/",
            _ => null,
        })
        .OfType<string>()
        .Distinct(StringComparer.Ordinal)
        .Select(fault => CelRules.Broken("spec.tags", "object", fault));

    private static string Quoted(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"'{name}'"));
}
