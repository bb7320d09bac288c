using Sparkwright.Server.Pacing;
using Sparkwright.World.Aws;
using Sparkwright.World.Aws.Access;
using Sparkwright.World.Aws.Api;

namespace Sparkwright.Server.AwsApi;

/// <summary>Finds what a request names in the world, or refuses in S3's words.</summary>
internal sealed class S3Lookup(Engine engine)
{
    public async Task<S3Object> Object(S3Uri uri)
    {
        var (has, known) = await engine.Ask(world => (world.S3.HasBucket(uri.Bucket), world.S3.Find(uri))).ConfigureAwait(false);
        return !has ? throw S3Refusal.NoBucket() : known ?? throw S3Refusal.Of(404, "NoSuchKey", "The specified key does not exist.");
    }

    /// <summary>The object of which somebody makes a copy, who must be allowed to read it.</summary>
    public async Task<S3Object> Source(AwsCaller caller, S3Uri uri)
    {
        await NeedRight(caller, S3Rights.Read(uri)).ConfigureAwait(false);
        return await Object(uri).ConfigureAwait(false);
    }

    /// <summary>An upload that is under way; a refusal when there is none.</summary>
    public async Task<S3Upload> Upload(S3Uri uri, string? id)
    {
        await NeedBucket(uri.Bucket).ConfigureAwait(false);
        return await engine.Ask(world => world.S3.FindUpload(uri, id ?? "")).ConfigureAwait(false) ?? throw S3Refusal.NoUpload();
    }

    public async Task NeedBucket(string bucket)
    {
        if (!await engine.Ask(world => world.S3.HasBucket(bucket)).ConfigureAwait(false))
        {
            throw S3Refusal.NoBucket();
        }
    }

    /// <summary>Refuses a caller who may not do something.</summary>
    public async Task NeedRight(AwsCaller caller, AccessRequest right)
    {
        if (await engine.Ask(world => Refusal(world, caller, right)).ConfigureAwait(false) is { } refusal)
        {
            throw refusal;
        }
    }

    /// <summary>Why a caller may not do something; null where it may.</summary>
    public static S3Refusal? Refusal(World.World world, AwsCaller caller, AccessRequest right) => world.Iam.Decide(caller, right) is { IsAllowed: false } verdict
        ? S3Refusal.Of(403, "AccessDenied", verdict.Refusal(caller.Arn, right))
        : null;

    /// <summary>Does something in a bucket that is there.</summary>
    public async Task InBucket(string bucket, Func<Task> then)
    {
        await NeedBucket(bucket).ConfigureAwait(false);
        await then().ConfigureAwait(false);
    }
}
