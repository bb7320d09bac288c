namespace Sparkwright.Kubernetes.Objects;

/// <summary>The names of the claims that a pod uses.</summary>
public static class ClaimNames
{
    /// <summary>In the order of the pod's volumes; an ephemeral volume has the claim <c>POD-VOLUME</c>.</summary>
    public static IReadOnlyList<string> Of(ApiObject pod)
    {
        if (pod.Spec["volumes"] is not TreeList { Count: > 0 } volumes)
        {
            return [];
        }

        var names = new List<string>();
        foreach (var volume in volumes.Span)
        {
            if (volume.At("persistentVolumeClaim", "claimName")?.Text is { } name)
            {
                names.Add(name);
            }
            else if (volume["ephemeral"] is not null)
            {
                names.Add(OfEphemeral(pod, volume));
            }
        }

        return names;
    }

    public static string OfEphemeral(ApiObject pod, Tree volume) => $"{pod.Name}-{volume["name"]?.Text}";
}
