using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Requests;

public sealed partial class ApiServer
{
    /// <summary>The characters that the server adds to a <c>generateName</c>.</summary>
    private const int GeneratedCharacters = 5;

    /// <summary>Longest prefix that leaves room for the generated characters in a 63-character name.</summary>
    private const int LongestPrefix = 63 - GeneratedCharacters;

    /// <summary>POST: creates an object; its uid and a generated name are keyed by the resourceVersion that it takes.</summary>
    /// <param name="dryRun">Whether to answer as if it were written, and write nothing.</param>
    public ApiResult Create(ApiObject candidate, bool dryRun = false)
    {
        var type = candidate.Type;
        var metadata = candidate.Metadata;
        var next = Store.ResourceVersion + 1;
        if (metadata.Name.Length == 0)
        {
            if (metadata.GenerateName.Length == 0)
            {
                return Refuse(new ApiStatus(422, "Invalid", $"{type.QualifiedKind} \"\" is invalid: metadata.name: Required value: name or generateName is required"));
            }

            var prefix = metadata.GenerateName.Length > LongestPrefix ? metadata.GenerateName[..LongestPrefix] : metadata.GenerateName;
            metadata = metadata with { Name = prefix + Chance.For("api/name", next).NameSuffix(GeneratedCharacters) };
        }

        if (RefusalOfNamespace(type, metadata) is { } refusal)
        {
            return Refuse(refusal);
        }

        metadata = metadata with
        {
            Namespace = type.Namespaced ? metadata.Namespace : "",
            Uid = Chance.For("api/uid", next).Uuid(),
            CreationTimestamp = WholeSecond(Clock.Now),
            DeletionTimestamp = null,
            DeletionGracePeriodSeconds = null,
            Generation = CountsGenerations(type) ? 1 : 0,
            ResourceVersion = 0,
        };
        var body = type.HasStatus && !KeepsStatusOnCreate(type) ? candidate.Body.With("status", null) : candidate.Body;
        if (type is { Group: "", Kind: "Pod" })
        {
            var status = TreeMap.Of(("phase", "Pending"));
            body = body.With("status", body.At("spec", "schedulingGates") is TreeList { Count: > 0 }
                ? Conditions.Set(status, "PodScheduled", false, "SchedulingGated", "Scheduling is blocked due to non-empty scheduling gates", Clock.Now)
                : status);
        }

        if (Store.Get(type, metadata.Namespace, metadata.Name) is not null)
        {
            return Refuse(ApiStatus.AlreadyExists(type, metadata.Name));
        }

        return Admit(new ApiObject(type, metadata, body), null) switch
        {
            AdmissionVerdict.Accepted accepted => WithinQuota(
                accepted.Candidate, null, dryRun, () => new ApiResult.Accepted(dryRun ? accepted.Candidate : Store.Put(accepted.Candidate), 201)),
            AdmissionVerdict.Refused refused => Refuse(refused.Status),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    /// <summary>Says what the API would answer to the creation or update of an object, and writes nothing (a server-side dry run). Quotas are left out: who asks means to write later.</summary>
    public ApiResult Check(ApiObject candidate) => RefusalOfNamespace(candidate.Type, candidate.Metadata) is { } refusal
        ? Refuse(refusal)
        : Admit(candidate, Store.Get(candidate.Type, candidate.Key)) switch
        {
            AdmissionVerdict.Accepted accepted => new ApiResult.Accepted(accepted.Candidate),
            AdmissionVerdict.Refused refused => Refuse(refused.Status),
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    /// <summary>The server keeps the status that comes with a new Node (kubelets create theirs that way) and of our own internal kinds.</summary>
    private static bool KeepsStatusOnCreate(ResourceType type) =>
        type is { Group: "", Kind: "Node" or "Namespace" } || type.Group.EndsWith(".sparkwright.dev", StringComparison.Ordinal);

    /// <summary>Timestamps of objects are whole seconds, before a restart as after it.</summary>
    private static DateTime WholeSecond(DateTime time) => new(time.Ticks - (time.Ticks % TimeSpan.TicksPerSecond), DateTimeKind.Utc);

    private static ApiResult Refuse(ApiStatus status) => new ApiResult.Refused(status);

    private ApiStatus? RefusalOfNamespace(ResourceType type, ObjectMeta metadata)
    {
        if (!type.Namespaced)
        {
            return null;
        }

        if (metadata.Namespace.Length == 0)
        {
            return ApiStatus.BadRequest("an empty namespace may not be set during creation");
        }

        if (Store.Get(CoreTypes.Namespace, "", metadata.Namespace) is not { } home)
        {
            return ApiStatus.NotFound(CoreTypes.Namespace, metadata.Namespace);
        }

        return home.Metadata.IsBeingDeleted && type != CoreTypes.Event
            ? ApiStatus.Forbidden(type, metadata.Name, $"unable to create new content in namespace {metadata.Namespace} because it is being terminated")
            : null;
    }
}
