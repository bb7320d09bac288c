using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Aws.Api;
using Sparkwright.World.Aws.Signing;

namespace Sparkwright.Server.AwsApi;

/// <summary>What a request asks, in whichever of AWS' forms.</summary>
/// <param name="Operation">Null where the service has none of this name or path.</param>
/// <param name="Name">The operation's name as asked, as far as the request says one.</param>
internal sealed record AwsAsked(AwsOperation? Operation, string Name, TreeMap Input);

/// <summary>Reads requests into what signatures cover and what services are asked.</summary>
internal static class AwsRequests
{
    /// <summary>How deep forms may be nested.</summary>
    private const int DeepestForm = 16;

    /// <summary>The path as it was sent, without the query, and the query.</summary>
    public static (string Path, string Query) Target(HttpContext http)
    {
        var target = http.Features.Get<IHttpRequestFeature>()!.RawTarget;
        if (!target.StartsWith('/') && Uri.TryCreate(target, UriKind.Absolute, out var whole))
        {
            target = whole.PathAndQuery;
        }

        var mark = target.IndexOf('?', StringComparison.Ordinal);
        return mark < 0 ? (target, "") : (target[..mark], target[(mark + 1)..]);
    }

    /// <summary>What a signature covers; null when the query is not well encoded.</summary>
    public static SignedRequest Signed(HttpContext http)
    {
        var (path, query) = Target(http);
        return new SignedRequest(
            http.Request.Method,
            path,
            SignedRequest.ReadQuery(query),
            [.. http.Request.Headers.SelectMany(header => header.Value.Select(value => (header.Key, value ?? "")))]);
    }

    /// <summary>Finds what is asked; a <see cref="FormatException"/> says what of the body cannot be read.</summary>
    public static AwsAsked Read(AwsService service, SignedRequest request, byte[] body) => service.Protocol switch
    {
        AwsProtocol.RestJson => RestJson(service, request, body),
        AwsProtocol.Json => Targeted(service, request.Header("X-Amz-Target") ?? "", Json(body)),
        _ => Form(service, Encoding.UTF8.GetString(body), request),
    };

    private static AwsAsked RestJson(AwsService service, SignedRequest request, byte[] body)
    {
        foreach (var operation in service.Operations)
        {
            if (operation.Match(request.Method, request.Path) is { } labels)
            {
                var input = body.Length == 0 ? TreeMap.Empty : Json(body);
                foreach (var group in request.Query.Where(one => !one.Name.StartsWith("X-Amz-", StringComparison.Ordinal)).GroupBy(one => one.Name, StringComparer.Ordinal))
                {
                    var values = group.Select(one => one.Value).ToList();
                    input = input.With(group.Key, values.Count == 1 ? values[0] : TreeList.OfTexts(values));
                }

                return new AwsAsked(operation, operation.Name, labels.Aggregate(input, static (map, label) => map.With(label.Member, label.Value)));
            }
        }

        return new AwsAsked(null, $"{request.Method} {request.Path}", TreeMap.Empty);
    }

    private static AwsAsked Targeted(AwsService service, string target, TreeMap input)
    {
        var name = target[(target.LastIndexOf('.') + 1)..];
        return new AwsAsked(service.Operations.FirstOrDefault(operation => operation.Name == name), name, input);
    }

    private static AwsAsked Form(AwsService service, string body, SignedRequest request)
    {
        var fields = SignedRequest.ReadQuery(body.Replace('+', ' ')).Concat(request.Query).ToList();
        var name = fields.FirstOrDefault(field => field.Name == "Action").Value ?? "";
        var root = new Field();
        foreach (var (key, value) in fields.Where(field => field.Name is not ("Action" or "Version")))
        {
            root.Set(key.Split('.'), value);
        }

        return new AwsAsked(service.Operations.FirstOrDefault(operation => operation.Name == name), name, root.ToTree() as TreeMap ?? TreeMap.Empty);
    }

    private static TreeMap Json(byte[] body)
    {
        try
        {
            return body.Length == 0 ? TreeMap.Empty : TreeJson.Parse(body) as TreeMap ?? throw new FormatException("the body must be a JSON object");
        }
        catch (JsonException mistake)
        {
            throw new FormatException($"the body is no JSON: {mistake.Message}", mistake);
        }
    }

    /// <summary>A part of a form: <c>Tags.member.1.Key=a</c> and <c>Filter.1.Value.1=b</c> become lists of maps.</summary>
    private sealed class Field
    {
        private readonly SortedDictionary<string, Field> members = new(StringComparer.Ordinal);
        private string? value;

        public void Set(ReadOnlySpan<string> path, string text)
        {
            if (path.Length > DeepestForm)
            {
                throw new FormatException("the form is nested too deep");
            }

            if (path.IsEmpty)
            {
                value = text;
                return;
            }

            if (!members.TryGetValue(path[0], out var member))
            {
                members.Add(path[0], member = new Field());
            }

            member.Set(path[1..], text);
        }

        public Tree ToTree()
        {
            if (members.Count == 0)
            {
                return value ?? "";
            }

            if (members.Count == 1 && members.TryGetValue("member", out var list))
            {
                return list.ToTree();
            }

            return members.Keys.All(static key => int.TryParse(key, out _))
                ? TreeList.From(members.OrderBy(member => int.Parse(member.Key, System.Globalization.CultureInfo.InvariantCulture)).Select(member => member.Value.ToTree()))
                : TreeMap.Of([.. members.Select(member => (member.Key, (Tree?)member.Value.ToTree()))]);
        }
    }
}
