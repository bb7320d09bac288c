using System.Security.Cryptography;
using System.Text;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World;
using Sparkwright.World.Blueprint;

namespace Sparkwright.Server.Provisioning;

/// <summary>What is asked of a platform: to become what a blueprint says, or to go.</summary>
/// <param name="Blueprint">What is to be applied; null for what was applied last, or the built-in one where nothing was.</param>
/// <param name="Only">The modules that are meant; empty for all.</param>
/// <param name="IsDestroy">Whether the platform is to go.</param>
/// <param name="Expected">The mark of the plan that was agreed to; null for any.</param>
internal sealed record PlatformRequest(PlatformBlueprint? Blueprint, IReadOnlyCollection<PlatformModule> Only, bool IsDestroy, string? Expected)
{
    /// <summary>A request from its body, or what is wrong with it.</summary>
    public static (PlatformRequest? Request, string? Fault) Read(Tree body)
    {
        PlatformBlueprint? blueprint = null;
        if (body["files"] is TreeMap files)
        {
            var (read, error) = BlueprintReader.Read(files.Members().ToDictionary(static file => file.Key, static file => file.Value.Text ?? "", StringComparer.Ordinal));
            if (read is null)
            {
                return (null, error!.ToString());
            }

            blueprint = read;
        }

        var only = new List<PlatformModule>();
        foreach (var name in Tree.ItemsOf(body["only"]))
        {
            if (PlatformModules.Find(name.Text ?? "") is not { } module)
            {
                return (null, $"{name}: is no module");
            }

            only.Add(module);
        }

        return (new PlatformRequest(blueprint, only, body["destroy"]?.Boolean ?? false, body["expected"]?.Text), null);
    }

    /// <summary>What has to be done, decided over a world as it is now; or why that cannot be said.</summary>
    public PlannedRequest Plan(World.World world)
    {
        var state = new PlatformState(world);
        if (IsDestroy)
        {
            var removal = PlatformPlan.ToDestroy(state.Known([]), Only);
            return new PlannedRequest(removal, null, PlatformRun.Obstacle(world, removal));
        }

        var wished = Wished(world);
        if (wished.Region != world.Settings.Region)
        {
            return Refused($"{wished.Name} is a platform of {wished.Region}, and this one runs in {world.Settings.Region}; start another with sparkwright up --blueprint, in a directory of its own");
        }

        var (wanted, refusal) = state.Wanted(wished);
        if (refusal is not null)
        {
            return Refused(refusal);
        }

        var plan = PlatformPlan.ToApply(wanted, state.Known(wanted), Only);
        return new PlannedRequest(plan, wished, PlatformRun.Obstacle(world, plan));
    }

    /// <summary>The blueprint that is meant: the one that came along, the one that was applied last, the built-in one.</summary>
    public PlatformBlueprint Wished(World.World world) => Blueprint ?? BlueprintReader.Read(new PlatformState(world).Files).Blueprint ?? BuiltInBlueprint.Load();

    /// <summary>A text by which a plan is known again.</summary>
    public static string MarkOf(PlatformPlan plan) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(PlanJson.Write(plan).ToString())));

    private static PlannedRequest Refused(string why) => new(new PlatformPlan([]), null, why);
}

/// <summary>A plan, and what stands against it.</summary>
/// <param name="Blueprint">What is applied; null where the platform is to go, or the plan could not be made.</param>
/// <param name="Obstacle">Null when nothing does.</param>
internal sealed record PlannedRequest(PlatformPlan Plan, PlatformBlueprint? Blueprint, string? Obstacle);
