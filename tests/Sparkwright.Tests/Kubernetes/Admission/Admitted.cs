using Sparkwright.Kubernetes.Admission;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Schema;

namespace Sparkwright.Tests.Kubernetes.Admission;

/// <summary>Objects after the defaults and checks of their kind, from YAML.</summary>
internal static class Admitted
{
    private static readonly ResourceTypes Types = new([]);
    private static readonly KindRulesTable Table = CoreRules.Table();

    /// <summary>The object with its defaults; the test fails when it is refused.</summary>
    public static ApiObject Object(string yaml, ApiObject? old = null) => Table.Admit(Read(yaml), old) switch
    {
        AdmissionVerdict.Accepted accepted => accepted.Candidate,
        AdmissionVerdict.Refused refused => throw new InvalidOperationException(refused.Status.Message),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>What is wrong with it, without the words before; empty when nothing is.</summary>
    public static string Faults(string yaml, ApiObject? old = null)
    {
        var candidate = Read(yaml);
        return Table.Admit(candidate, old) is AdmissionVerdict.Refused refused
            ? refused.Status.Message.Replace($"{candidate.Type.QualifiedKind} \"{candidate.Name}\" is invalid: ", "", StringComparison.Ordinal)
            : "";
    }

    public static ApiStatus? Refusal(string yaml) => (Table.Admit(Read(yaml), null) as AdmissionVerdict.Refused)?.Status;

    public static ApiObject Read(string yaml)
    {
        var tree = (TreeMap)Yaml.Read(yaml);
        var type = Types.Find(tree["apiVersion"]!.Text!, tree["kind"]!.Text!)!;
        return Decoder.Decode(type, tree) switch
        {
            DecodeResult.Decoded decoded => ApiObject.From(type, decoded.Document),
            DecodeResult.Refused refused => throw new InvalidOperationException(refused.Status.Message),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }
}
