using System.Text;
using Sparkwright.Kubernetes.Authentication;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Admission;

/// <summary>ConfigMaps: keys, size, and that immutable ones stay as they are.</summary>
public sealed class ConfigMapRules : KindRules
{
    public override IEnumerable<FieldError> Validate(ApiObject candidate, ApiObject? old)
    {
        var errors = new List<FieldError>();
        ConfigData.CheckKeys(candidate.Body, ["data", "binaryData"], errors);
        var (data, binary) = (candidate.Body["data"] as TreeMap ?? TreeMap.Empty, candidate.Body["binaryData"] as TreeMap ?? TreeMap.Empty);
        foreach (var key in binary.Keys.ToArray().Where(data.ContainsKey))
        {
            errors.Add(FieldError.Invalid(FieldPath.Root("data").Key(key), key, "duplicate of key present in binaryData"));
        }

        if (data.Members().Sum(ConfigData.BytesOf) + binary.Members().Sum(ConfigData.DecodedBytesOf) > ConfigData.MostBytes)
        {
            errors.Add(FieldError.TooLong("", ConfigData.MostBytes));
        }

        ConfigData.CheckImmutable(candidate, old, ["data", "binaryData"], errors);
        return errors;
    }
}

/// <summary>Secrets: text becomes bytes, and each well-known type has the keys that it needs.</summary>
public sealed class SecretRules : KindRules
{
    private static readonly (string Type, string[] Keys)[] Needed =
    [
        ("kubernetes.io/dockercfg", [".dockercfg"]),
        ("kubernetes.io/dockerconfigjson", [".dockerconfigjson"]),
        ("kubernetes.io/ssh-auth", ["ssh-privatekey"]),
        ("kubernetes.io/tls", ["tls.crt", "tls.key"]),
    ];

    public override ApiObject Default(ApiObject candidate)
    {
        var body = candidate.Body.OrElse("type", "Opaque");
        if (body["stringData"] is TreeMap texts)
        {
            var data = body["data"] as TreeMap ?? TreeMap.Empty;
            foreach (var (key, value) in texts)
            {
                data = data.With(key, Convert.ToBase64String(Encoding.UTF8.GetBytes(value.Text ?? "")));
            }

            body = body.With("data", data).With("stringData", null);
        }

        return candidate.With(body);
    }

    public override IEnumerable<FieldError> Validate(ApiObject candidate, ApiObject? old)
    {
        var errors = new List<FieldError>();
        ConfigData.CheckKeys(candidate.Body, ["data"], errors);
        var data = candidate.Body["data"] as TreeMap ?? TreeMap.Empty;
        if (data.Members().Sum(ConfigData.DecodedBytesOf) > ConfigData.MostBytes)
        {
            errors.Add(FieldError.TooLong("data", ConfigData.MostBytes));
        }

        var type = candidate.Body["type"]?.Text;
        foreach (var key in Needed.FirstOrDefault(one => one.Type == type).Keys ?? [])
        {
            if (!data.ContainsKey(key))
            {
                errors.Add(FieldError.Required(FieldPath.Root("data").Key(key)));
            }
        }

        if (type == ServiceAccountTokens.SecretType && string.IsNullOrEmpty(candidate.Metadata.Annotation(ServiceAccountTokens.NameAnnotation)))
        {
            errors.Add(FieldError.Required(FieldPath.Root("metadata").Child("annotations").Key(ServiceAccountTokens.NameAnnotation)));
        }

        if (old is not null && type != old.Body["type"]?.Text)
        {
            errors.Add(FieldError.Invalid("type", type ?? "", "field is immutable"));
        }

        ConfigData.CheckImmutable(candidate, old, ["data"], errors);
        return errors;
    }
}

/// <summary>What ConfigMaps and Secrets have in common.</summary>
internal static class ConfigData
{
    /// <summary>Bytes of all values together: 1 MiB.</summary>
    public const long MostBytes = 1 << 20;

    public static long BytesOf(KeyValuePair<string, Tree> member) => Encoding.UTF8.GetByteCount(member.Value.Text ?? "");

    public static long DecodedBytesOf(KeyValuePair<string, Tree> member) => (member.Value.Text?.Length ?? 0) / 4 * 3;

    public static void CheckKeys(TreeMap body, string[] fields, List<FieldError> errors)
    {
        foreach (var field in fields)
        {
            foreach (var (key, _) in body[field] as TreeMap ?? TreeMap.Empty)
            {
                errors.AddRange(Formats.ConfigKey(key).Select(fault => FieldError.Invalid(FieldPath.Root(field).Key(key), key, fault)));
            }
        }
    }

    public static void CheckImmutable(ApiObject candidate, ApiObject? old, string[] fields, List<FieldError> errors)
    {
        if (old?.Body["immutable"]?.Boolean != true)
        {
            return;
        }

        const string fault = "field is immutable when `immutable` is set";
        if (candidate.Body["immutable"]?.Boolean != true)
        {
            errors.Add(FieldError.Forbidden("immutable", fault));
        }

        errors.AddRange(fields.Where(field => !Equals(candidate.Body[field], old.Body[field])).Select(field => FieldError.Forbidden(field, fault)));
    }
}
