using System.Collections.Immutable;
using System.Text.Json;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quantities;

namespace Sparkwright.World.YuniKorn.Applications;

/// <summary>So many pods of one shape that an application needs before it can start.</summary>
/// <param name="MinResource">Quantities by Kubernetes' resource names.</param>
/// <param name="Shape">The whole definition: labels, annotations, nodeSelector, tolerations, affinity, topologySpreadConstraints.</param>
public sealed record TaskGroup(string Name, int MinMember, TreeMap MinResource, TreeMap Shape)
{
    /// <summary>What one member takes, its place as a pod included.</summary>
    public Amounts Member { get; } = Amounts.From(ResourceList.From(MinResource).With(pods: 1));

    /// <summary>Reads the annotation of an application's first pod. Without it there are no groups; the error is YuniKorn's.</summary>
    public static ImmutableArray<TaskGroup> Read(string? annotation, out string error)
    {
        error = "";
        if (string.IsNullOrEmpty(annotation))
        {
            return [];
        }

        Tree json;
        try
        {
            json = TreeJson.Parse(annotation);
        }
        catch (Exception broken) when (broken is JsonException or FormatException)
        {
            error = "invalid character in task groups: " + broken.Message.Split('.')[0];
            return [];
        }

        if (json is not TreeList list)
        {
            error = $"json: cannot unmarshal {(json is TreeMap ? "object" : "value")} into Go value of type []cache.TaskGroup";
            return [];
        }

        var groups = ImmutableArray.CreateBuilder<TaskGroup>();
        foreach (var item in list.Span)
        {
            var minResource = item["minResource"] as TreeMap;
            error = item is not TreeMap ? "json: cannot unmarshal value into Go value of type cache.TaskGroup"
                : item["name"] is not (null or TreeText) ? "json: cannot unmarshal value into Go struct field TaskGroup.name of type string"
                : item["minMember"] is not (null or TreeInteger) ? "json: cannot unmarshal value into Go struct field TaskGroup.minMember of type int32"
                : minResource?.Members().FirstOrDefault(amount => !IsQuantity(amount.Value)).Key is { } ? "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
                : item["name"]?.Text is not { Length: > 0 } ? $"can't get taskGroup Name from pod annotation, {annotation}"
                : minResource is null ? $"can't get taskGroup MinResource from pod annotation, {annotation}"
                : item["minMember"]?.Integer is null or 0 ? $"can't get taskGroup MinMember from pod annotation, {annotation}"
                : item["minMember"]!.Integer < 0 ? $"minMember cannot be negative, {annotation}"
                : "";
            if (error.Length > 0)
            {
                return [];
            }

            groups.Add(new TaskGroup(item["name"]!.Text!, (int)Math.Min(int.MaxValue, item["minMember"]!.Integer!.Value), minResource!, (TreeMap)item));
        }

        return groups.ToImmutable();
    }

    private static bool IsQuantity(Tree value) => value is TreeInteger or TreeReal || (value.Text is { } text && Quantity.TryParse(text, out _));
}
