using System.Buffers.Text;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Selectors;

namespace Sparkwright.Server.KubernetesApi;

/// <summary>What a list or watch asks for, read from the query of its URL.</summary>
internal sealed record ListQuery
{
    public LabelSelector Labels { get; private init; } = LabelSelector.Everything;

    public ImmutableArray<FieldRequirement> Fields { get; private init; } = [];

    /// <summary>Objects a page; 0 for all at once.</summary>
    public int Limit { get; private init; }

    /// <summary>Where the page begins: the list's version and the last object before it.</summary>
    public (long Version, ObjectKey After)? Continue { get; private init; }

    public bool IsWatch { get; private init; }

    /// <summary>Null when none was given; 0 means any.</summary>
    public long? ResourceVersion { get; private init; }

    public string ResourceVersionMatch { get; private init; } = "";

    public bool AllowsBookmarks { get; private init; }

    /// <summary>A watch that begins with what there is, ended by a bookmark.</summary>
    public bool SendsInitialEvents { get; private init; }

    /// <summary>Seconds after which a watch ends by itself.</summary>
    public int? TimeoutSeconds { get; private init; }

    public bool HasSelector => !Labels.IsEmpty || !Fields.IsEmpty;

    public bool Matches(ApiObject known)
    {
        if (!Labels.Matches(known.Metadata.Labels))
        {
            return false;
        }

        foreach (var field in Fields)
        {
            if (!field.Matches(known))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Reads a query; answers what is wrong with it, or null.</summary>
    public static ApiStatus? Read(IQueryCollection query, out ListQuery read)
    {
        read = new ListQuery();
        if (SelectorText.ReadLabels(query["labelSelector"].ToString(), out var labels) is { } wrongLabels)
        {
            return ApiStatus.BadRequest($"unable to parse labelSelector: {wrongLabels}");
        }

        if (SelectorText.ReadFields(query["fieldSelector"].ToString(), out var fields) is { } wrongFields)
        {
            return ApiStatus.BadRequest(wrongFields);
        }

        if (!Number(query, "limit", out var limit) || !Number(query, "timeoutSeconds", out var timeout) || !Number(query, "resourceVersion", out var version))
        {
            return ApiStatus.BadRequest("limit, timeoutSeconds and resourceVersion must be whole numbers, not negative");
        }

        (long, ObjectKey)? from = null;
        if (query["continue"].ToString() is { Length: > 0 } token)
        {
            if (ReadToken(token) is not { } place)
            {
                return ApiStatus.BadRequest("continue key is not valid");
            }

            from = place;
        }

        read = new ListQuery
        {
            Labels = labels,
            Fields = fields,
            Limit = (int)Math.Min(limit ?? 0, int.MaxValue),
            Continue = from,
            IsWatch = IsTrue(query, "watch"),
            ResourceVersion = version,
            ResourceVersionMatch = query["resourceVersionMatch"].ToString(),
            AllowsBookmarks = IsTrue(query, "allowWatchBookmarks"),
            SendsInitialEvents = IsTrue(query, "sendInitialEvents"),
            TimeoutSeconds = timeout is { } seconds and > 0 ? (int)Math.Min(seconds, int.MaxValue) : null,
        };
        return read switch
        {
            { SendsInitialEvents: true, IsWatch: false } => ApiStatus.BadRequest("sendInitialEvents is forbidden for list"),
            { SendsInitialEvents: true, ResourceVersionMatch: not "NotOlderThan" } =>
                new ApiStatus(422, "Invalid", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"),
            _ => null,
        };
    }

    /// <summary>The token with which the next page is asked for.</summary>
    public static string Token(long version, ObjectKey after) =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{version}\n{after.Namespace}\n{after.Name}")));

    /// <summary>The refusal of a version that is still to come.</summary>
    public static ApiStatus TooLarge(long asked, long now) => new(504, "Timeout", $"Too large resource version: {asked}, current: {now}")
    {
        Details = TreeMap.Of(
            ("causes", TreeList.Of(TreeMap.Of(("message", "Too large resource version"), ("reason", "ResourceVersionTooLarge")))), ("retryAfterSeconds", 1)),
    };

    private static (long, ObjectKey)? ReadToken(string token)
    {
        var bytes = new byte[token.Length];
        return Base64Url.TryDecodeFromChars(token, bytes, out var written)
            && Encoding.UTF8.GetString(bytes, 0, written).Split('\n') is [var version, var home, var name]
            && long.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? (number, new ObjectKey(home, name))
            : null;
    }

    /// <summary>Go's own reading of truth: Python's client sends <c>True</c>.</summary>
    public static bool IsTrue(IQueryCollection query, string name) => query[name].ToString() is "1" or "t" or "T" or "true" or "True" or "TRUE";

    private static bool Number(IQueryCollection query, string name, out long? number)
    {
        number = null;
        var text = query[name].ToString();
        if (text.Length == 0)
        {
            return true;
        }

        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var read))
        {
            return false;
        }

        number = read;
        return true;
    }
}
