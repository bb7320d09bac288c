using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.YuniKorn;

/// <summary>Internal kinds with which the scheduler remembers across restarts of the engine what pods and ConfigMaps do not say.</summary>
public static class YuniKornTypes
{
    /// <summary>An application, also one that is over.</summary>
    public static ResourceType Application { get; } = new("yunikorn.sparkwright.dev", "v1", "YuniKornApplication", "yunikornapplications", false, false);

    /// <summary>The configuration in force, and queues that placement made.</summary>
    public static ResourceType Configuration { get; } = new("yunikorn.sparkwright.dev", "v1", "YuniKornConfiguration", "yunikornconfigurations", false, false);

    /// <summary>A pod, under its uid: that it asks for a place, or how it came to the one it has.</summary>
    public static ResourceType Task { get; } = new("yunikorn.sparkwright.dev", "v1", "YuniKornTask", "yunikorntasks", false, false);

    public static IReadOnlyList<ResourceType> All { get; } = [Application, Configuration, Task];
}
