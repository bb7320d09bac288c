using Sparkwright.Kubernetes.Admission;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;

namespace Sparkwright.Kubernetes.Schema;

/// <summary>
/// Turns a document that a client wrote into the form that the store keeps, or says what is wrong with it: unknown fields and wrong types as
/// strict decoding does, quantities, times and bytes in canonical form; kinds of CustomResourceDefinitions are pruned, filled in and checked
/// against their schema.
/// </summary>
public static class Decoder
{
    /// <param name="document">The whole object, apiVersion and kind included.</param>
    /// <param name="validation">What becomes of fields that the schema does not know.</param>
    /// <param name="textFaults">What was strictly wrong with the client's text, such as <see cref="Duplicate"/>.</param>
    public static DecodeResult Decode(
        ResourceType type,
        TreeMap document,
        FieldValidation validation = FieldValidation.Strict,
        IReadOnlyCollection<string>? textFaults = null) => Decode(type, ApiSchema.ForKind(type), document, validation, textFaults);

    /// <summary>The same for a kind whose schema is known, as those of users' kinds are.</summary>
    public static DecodeResult Decode(
        ResourceType type,
        KindSchema? known,
        TreeMap document,
        FieldValidation validation = FieldValidation.Strict,
        IReadOnlyCollection<string>? textFaults = null)
    {
        if (!type.Namespaced && document["metadata"] is TreeMap cluster)
        {
            // The server clears the namespace of cluster-wide kinds without a word.
            document = document.With("metadata", cluster.With("namespace", null));
        }

        if (known is not { } schema)
        {
            return new DecodeResult.Decoded(document);
        }

        var faults = new DecodeFaults();
        faults.Strict.AddRange(textFaults ?? []);
        var clean = schema.IsCustom ? CustomDecoding.Root(document, schema, faults) : BuiltInDecoding.Root(document, type.Kind, schema.Root, faults);
        if (faults.WrongType is { } wrong)
        {
            return BadRequest(type, wrong, faults.WrongTypePath);
        }

        if (validation == FieldValidation.Strict && faults.Strict.Count > 0)
        {
            return BadRequest(type, $"strict decoding error: {string.Join(", ", faults.Strict)}", faults.FirstUnknown);
        }

        if (faults.Invalid.Count > 0)
        {
            if (schema.HasExpressions)
            {
                faults.Invalid.Add(FieldError.RulesNotChecked);
            }

            return new DecodeResult.Refused(FieldError.Refusal(type, document.At("metadata", "name")?.Text ?? "", faults.Invalid), faults.Invalid[0].Path);
        }

        return new DecodeResult.Decoded(clean) { Warnings = validation == FieldValidation.Warn ? faults.Strict : [] };
    }

    /// <summary>The fault of a field that the client's text had twice.</summary>
    /// <param name="path">As <see cref="TreeJson.Parse(ReadOnlySpan{byte}, ICollection{string})"/> finds it.</param>
    public static string Duplicate(string path) => $"duplicate field {GoSyntax.Quote(path)}";

    private static DecodeResult.Refused BadRequest(ResourceType type, string what, string path) =>
        new(ApiStatus.BadRequest($"{type.Kind} in version \"{type.Version}\" cannot be handled as a {type.Kind}: {what}"), path) { Fault = what };
}

/// <summary>What becomes of unknown and duplicate fields: the request is refused, a warning is given, or they are dropped silently.</summary>
public enum FieldValidation
{
    Strict,
    Warn,
    Ignore,
}

/// <summary>What became of a document.</summary>
public abstract record DecodeResult
{
    private DecodeResult()
    {
    }

    public sealed record Decoded(TreeMap Document) : DecodeResult
    {
        public IReadOnlyList<string> Warnings { get; init; } = [];
    }

    /// <param name="Path">The first field at fault, for messages that name a line; may be empty.</param>
    public sealed record Refused(ApiStatus Status, string Path) : DecodeResult
    {
        /// <summary>What could not be read, without the name of the kind; null where all could be read and breaks the schema.</summary>
        public string? Fault { get; init; }
    }
}

/// <summary>What decoding found wrong so far.</summary>
internal sealed class DecodeFaults
{
    /// <summary>Unknown and duplicate fields.</summary>
    public List<string> Strict { get; } = [];

    /// <summary>Breaches of a custom kind's schema.</summary>
    public List<FieldError> Invalid { get; } = [];

    /// <summary>The first value of a type that cannot be read; the server names no other.</summary>
    public string? WrongType { get; private set; }

    public string WrongTypePath { get; private set; } = "";

    public string FirstUnknown { get; private set; } = "";

    public void Unknown(string path)
    {
        if (FirstUnknown.Length == 0)
        {
            FirstUnknown = path;
        }

        Strict.Add($"unknown field {GoSyntax.Quote(path)}");
    }

    public Tree? Wrong(string message, string path)
    {
        if (WrongType is null)
        {
            WrongType = message;
            WrongTypePath = path;
        }

        return null;
    }
}
