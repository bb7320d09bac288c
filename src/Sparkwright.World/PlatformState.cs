using System.Collections.Immutable;
using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Aws;
using Sparkwright.World.Blueprint;

namespace Sparkwright.World;

/// <summary>What plan and apply know of a world: which resources a blueprint has made in it, and how these are now.</summary>
public sealed class PlatformState(World world)
{
    private const string SourceName = "blueprint";

    private readonly PlatformActs acts = new(world);

    /// <summary>
    /// A world that goes on from its record with the platform that it has. A record that was written before such state was kept has what the
    /// settings' blueprint made.
    /// </summary>
    /// <param name="settings">Of a new world.</param>
    public static World Resume(WorldSettings settings, WorldRecord record, IBlobs blobs)
    {
        if (record.Objects.FirstOrDefault(static known => known.Type == PlatformTypes.Source) is not { } source)
        {
            var old = WorldBuilder.Resume(settings, record, blobs);
            new PlatformState(old).Adopt(settings.Blueprint);
            return old;
        }

        var region = BlueprintReader.Read(FilesOf(source)).Blueprint?.Region ?? settings.Region;
        var made = InOrder(record.Objects.Where(static known => known.Type == PlatformTypes.Resource));
        return WorldBuilder.Resume((settings with { Region = region }).With(PlatformResources.Applied(made, region)), record, blobs);
    }

    /// <summary>The files of the blueprint that was applied last; none in an account that has had none.</summary>
    public IReadOnlyDictionary<string, string> Files => world.Store.Get(PlatformTypes.Source, "", SourceName) is { } source ? FilesOf(source) : [];

    /// <summary>The resources that there are, as they were asked for, in the order in which they were made.</summary>
    public IReadOnlyList<PlatformResource> Made => InOrder(world.Store.List(PlatformTypes.Resource));

    /// <summary>What a blueprint asks for, its manifests as the server reads them; or the refusal of a manifest that it cannot read.</summary>
    public (ImmutableArray<PlatformResource> Wanted, string? Refusal) Wanted(PlatformBlueprint blueprint)
    {
        var wanted = ImmutableArray.CreateBuilder<PlatformResource>();
        foreach (var resource in PlatformResources.Of(blueprint, world.Settings.Account))
        {
            if (resource.Document is not { } document)
            {
                wanted.Add(acts.Completed(resource, blueprint.ClusterName));
                continue;
            }

            var (read, refusal) = world.ReadManifest(document);
            if (read is null)
            {
                return ([], $"{resource.Address}: {refusal}");
            }

            wanted.Add(resource with { Attributes = read.ToTree() });
        }

        return (wanted.ToImmutable(), null);
    }

    /// <summary>What is there of the wanted resources and of those that a blueprint has made; wanted ones that somebody else made count as well.</summary>
    public IReadOnlyList<KnownResource> Known(IReadOnlyCollection<PlatformResource> wanted)
    {
        var documents = wanted.ToDictionary(static resource => resource.Address, static resource => resource.Document, StringComparer.Ordinal);
        return
        [
            .. from resource in Made.Concat(wanted).DistinctBy(static resource => resource.Address).OrderBy(static resource => resource.Module)
               let current = acts.Read(resource)
               let applied = current is not null && documents.GetValueOrDefault(resource.Address) is { } document ? world.Preview(document)?.ToTree() : null
               select new KnownResource(resource, current, acts.LastApplied(resource), applied),
        ];
    }

    /// <summary>Notes the blueprint that is applied now; null for an account without one.</summary>
    public void KeepSource(PlatformBlueprint? blueprint)
    {
        var spec = TreeMap.Of(("files", blueprint is null ? TreeMap.Empty : TreeMap.OfTexts(blueprint.Files)));
        if (world.Api.Modify(PlatformTypes.Source, new ObjectKey("", SourceName), known => known.WithSpec(spec)) is null)
        {
            world.Api.Create(new ApiObject(PlatformTypes.Source, new ObjectMeta { Name = SourceName }, TreeMap.Of(("spec", spec))));
        }
    }

    /// <summary>Notes that a resource is there.</summary>
    /// <param name="order">Its place among the resources of its blueprint.</param>
    public void Keep(PlatformResource resource, int order)
    {
        var spec = TreeMap.Of(
            ("attributes", resource.Document ?? resource.Attributes),
            ("key", resource.Key),
            ("module", PlatformModules.NameOf(resource.Module)),
            ("order", order),
            ("type", resource.Type));
        var name = NameOf(resource);
        if (world.Api.Modify(PlatformTypes.Resource, new ObjectKey("", name), known => known.WithSpec(spec)) is null)
        {
            world.Api.Create(new ApiObject(PlatformTypes.Resource, new ObjectMeta { Name = name }, TreeMap.Of(("spec", spec))));
        }
    }

    /// <summary>Notes that a resource is there no more.</summary>
    public void Forget(PlatformResource resource) => world.Api.Delete(PlatformTypes.Resource, new ObjectKey("", NameOf(resource)));

    /// <summary>The settings under which the world goes on with the resources that there are.</summary>
    public WorldSettings Settings => world.Settings.With(PlatformResources.Applied(Made, world.Settings.Region));

    /// <summary>Takes over what a blueprint made before this state was kept.</summary>
    private void Adopt(PlatformBlueprint? blueprint)
    {
        foreach (var (resource, order) in (blueprint is null ? [] : PlatformResources.Of(blueprint, world.Settings.Account)).Select(static (resource, order) => (resource, order)))
        {
            if (resource.Type == ResourceKinds.Cluster)
            {
                acts.Create(resource);
            }

            if (PlatformActs.IsStateAlone(resource) || acts.Read(resource) is not null)
            {
                Keep(resource, order);
            }
        }

        KeepSource(blueprint);
    }

    private static IReadOnlyList<PlatformResource> InOrder(IEnumerable<ApiObject> entries) =>
    [
        .. entries.OrderBy(static entry => entry.Spec["order"]?.Integer).ThenBy(static entry => entry.Name, StringComparer.Ordinal)
            .Select(Read)
            .OrderBy(static resource => resource.Module),
    ];

    private static Dictionary<string, string> FilesOf(ApiObject source) => source.Spec["files"] is TreeMap files
        ? files.Members().ToDictionary(static file => file.Key, static file => file.Value.Text ?? "", StringComparer.Ordinal)
        : [];

    private static PlatformResource Read(ApiObject entry) => new(
        PlatformModules.Find(entry.Spec["module"]?.Text ?? "") ?? PlatformModule.Addons,
        entry.Spec["type"]?.Text ?? "",
        entry.Spec["key"]?.Text ?? "",
        entry.Spec["attributes"] as TreeMap ?? TreeMap.Empty)
    {
        Document = entry.Spec["type"]?.Text == ResourceKinds.Manifest ? entry.Spec["attributes"] as TreeMap : null,
    };

    /// <summary>Names of objects are lower case; what is not a letter, a digit or a point is written as its number.</summary>
    private static string NameOf(PlatformResource resource) => string.Concat($"{resource.Type}.{resource.Key}".Select(static character =>
        char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '.' ? character.ToString() : $"-{((int)character).ToString("x", CultureInfo.InvariantCulture)}-"));
}
