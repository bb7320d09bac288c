using Sparkwright.World.Blueprint;

namespace Sparkwright.World;

/// <summary>Brings up the whole platform of a blueprint in a new world: every resource is asked for at once, and time does the rest.</summary>
internal static class BlueprintPlatform
{
    public static void Furnish(World world, PlatformBlueprint blueprint)
    {
        BarePlatform.FurnishAccount(world.Api, world.Settings);
        var acts = new PlatformActs(world);
        var state = new PlatformState(world);
        foreach (var (resource, order) in PlatformResources.Of(blueprint, world.Settings.Account).Select((resource, order) => (resource, order)))
        {
            if (acts.Create(resource) is { } refusal)
            {
                throw new PlatformException($"{resource.Address}: {refusal}");
            }

            state.Keep(resource, order);
        }

        state.KeepSource(blueprint);
    }
}

/// <summary>A blueprint whose objects the cluster refuses; the message names the object and the reason.</summary>
public sealed class PlatformException(string message) : Exception(message);
