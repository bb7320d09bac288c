using System.Collections.Immutable;

namespace Sparkwright.World.Aws.Api;

/// <summary>How a service's calls look on the wire.</summary>
public enum AwsProtocol
{
    /// <summary>The operation is a method and a path; bodies are JSON.</summary>
    RestJson,

    /// <summary>The operation is named by X-Amz-Target; bodies are JSON.</summary>
    Json,

    /// <summary>A form names the operation; answers are XML.</summary>
    Query,

    /// <summary>EC2's kind of <see cref="Query"/>.</summary>
    Ec2Query,
}

/// <summary>One operation of a service.</summary>
/// <param name="Method">Of <see cref="AwsProtocol.RestJson"/>; else empty.</param>
/// <param name="Path">With labels for members of the input: <c>/virtualclusters/{virtualClusterId}</c>; else empty.</param>
public sealed record AwsOperation(string Name, string Method, string Path, Func<AwsCall, AwsAnswer> Answer)
{
    public AwsOperation(string name, Func<AwsCall, AwsAnswer> answer)
        : this(name, "", "", answer)
    {
    }

    /// <summary>The labels' values when a method and a path (its segments still encoded) are this operation's; else null.</summary>
    public IReadOnlyList<(string Member, string Value)>? Match(string method, string path)
    {
        var (wanted, given) = (Path.Split('/'), path.Split('/'));
        if (method != Method || wanted.Length != given.Length)
        {
            return null;
        }

        var labels = new List<(string, string)>();
        for (var at = 0; at < wanted.Length; at++)
        {
            if (wanted[at] is ['{', .. var member, '}'])
            {
                if (given[at].Length == 0)
                {
                    return null;
                }

                labels.Add((member, Uri.UnescapeDataString(given[at])));
            }
            else if (wanted[at] != given[at])
            {
                return null;
            }
        }

        return labels;
    }
}

/// <summary>One AWS service: its operations over the world's store.</summary>
/// <param name="SigningName">The name in signatures' scopes, such as emr-containers.</param>
/// <param name="Namespace">Of XML answers; empty for JSON.</param>
public sealed record AwsService(string SigningName, AwsProtocol Protocol, string Namespace, ImmutableArray<AwsOperation> Operations)
{
    /// <summary>What an operation that this service does not have is told.</summary>
    public AwsError Unknown(string operation) => new(
        Protocol is AwsProtocol.RestJson ? 404 : 400,
        Protocol is AwsProtocol.RestJson or AwsProtocol.Json ? "UnknownOperationException" : "InvalidAction",
        $"The simulated {SigningName} does not have {(operation.Length == 0 ? "this operation" : $"the operation {operation}")}. It has: {string.Join(", ", Operations.Select(known => known.Name).Order(StringComparer.Ordinal))}");
}
