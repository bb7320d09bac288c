using Sparkwright.World.Scenarios;

namespace Sparkwright.SeededTests.RandomWorlds;

using World = Sparkwright.World.World;

/// <summary>
/// One thing that happens to a random world. What it is about is chosen when it happens, among what there is then, so that it keeps its meaning
/// when those before it are left out.
/// </summary>
/// <param name="Choose">The step; null when there is nothing that it could be about.</param>
internal sealed record Happening(Func<World, ScenarioStep?> Choose)
{
    public static Happening Of(ScenarioStep step) => new(_ => step);
}
