namespace Sparkwright.World.Blueprint;

/// <summary>The parts in which a platform is built, in the order of their building.</summary>
public enum PlatformModule
{
    Network,
    Cluster,
    Teams,
    Observability,
    Addons,
}

/// <summary>What is to be known of modules: their names, and which of them need which.</summary>
public static class PlatformModules
{
    public static IReadOnlyList<PlatformModule> All { get; } = Enum.GetValues<PlatformModule>();

#pragma warning disable CA1308 // Names of modules are lower case.
    public static string NameOf(PlatformModule module) => module.ToString().ToLowerInvariant();
#pragma warning restore CA1308

    /// <summary>The module of a name; null when there is none.</summary>
    public static PlatformModule? Find(string name) => All.Where(module => NameOf(module) == name).Select(module => (PlatformModule?)module).FirstOrDefault();

    /// <summary>The modules and all that they need: whoever builds one of them builds these.</summary>
    public static IReadOnlySet<PlatformModule> WithNeeds(IEnumerable<PlatformModule> modules) => Closure(modules, static (module, other) => Needs(module).Contains(other));

    /// <summary>The modules and all that need them: whoever destroys one of them destroys these.</summary>
    public static IReadOnlySet<PlatformModule> WithDependents(IEnumerable<PlatformModule> modules) => Closure(modules, static (module, other) => Needs(other).Contains(module));

    private static PlatformModule[] Needs(PlatformModule module) => module switch
    {
        PlatformModule.Cluster => [PlatformModule.Network],
        PlatformModule.Teams or PlatformModule.Addons => [PlatformModule.Cluster],
        _ => [],
    };

    private static HashSet<PlatformModule> Closure(IEnumerable<PlatformModule> modules, Func<PlatformModule, PlatformModule, bool> leadsTo)
    {
        var reached = modules.ToHashSet();
        while (All.FirstOrDefault(other => !reached.Contains(other) && reached.Any(module => leadsTo(module, other)), (PlatformModule)(-1)) is >= 0 and var next)
        {
            reached.Add(next);
        }

        return reached;
    }
}
