using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Sparkwright.Kubernetes.Authorization;
using Sparkwright.Kubernetes.Requests;

namespace Sparkwright.Server.KubernetesApi;

/// <summary>Reads the headers by which somebody asks as another.</summary>
internal static class Impersonations
{
    private const string Extra = "Impersonate-Extra-";

    /// <summary>What is wished for, null for nothing; answers what is wrong with the headers, or null.</summary>
    public static ApiStatus? Read(IHeaderDictionary headers, out Impersonation? wish)
    {
        wish = null;
        var user = headers["Impersonate-User"].ToString();
        ImmutableArray<string> groups = [.. headers["Impersonate-Group"].OfType<string>()];
        var uid = headers["Impersonate-Uid"].ToString();
        var extra = headers
            .Where(header => header.Key.StartsWith(Extra, StringComparison.OrdinalIgnoreCase))
            .SelectMany(header => header.Value.OfType<string>().Select(value => (KeyOf(header.Key), value)))
            .ToImmutableArray();
        if (user.Length == 0)
        {
            return groups.IsEmpty && uid.Length == 0 && extra.IsEmpty
                ? null
                : new ApiStatus(500, "InternalError", "Internal error occurred: groups, uid or extra are to be impersonated without a user");
        }

        wish = new Impersonation(user, groups, uid, extra);
        return null;
    }

    /// <summary>Keys are lower case, and percent-encoded where a header could not hold them.</summary>
    private static string KeyOf(string header)
    {
#pragma warning disable CA1308 // The API server lowers extra keys.
        return Uri.UnescapeDataString(header[Extra.Length..]).ToLowerInvariant();
#pragma warning restore CA1308
    }
}
