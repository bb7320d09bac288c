using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Aws.Api;

/// <summary>Who calls AWS, as the access key of the request says.</summary>
/// <param name="Arn">Of a user, or of a role's session.</param>
/// <param name="PrincipalId">The user's id; of a session the role's id, a colon and the session's name.</param>
/// <param name="AccessKeyId">Empty where a call needs no signature.</param>
public sealed record AwsCaller(string Arn, string PrincipalId, string AccessKeyId)
{
    public static AwsCaller Nobody { get; } = new("", "", "");
}

/// <summary>What only the edge can know of a request: the world has neither a wall clock nor real chance.</summary>
/// <param name="Time">Wall time, UTC.</param>
/// <param name="Secret">Characters of real chance for keys that the call may have to make, at least 80.</param>
public sealed record AwsArrival(DateTime Time, string Secret)
{
    public static AwsArrival Unknown { get; } = new(DateTime.UnixEpoch, new string('0', 80));

    /// <summary>The claims of a web identity token of the input whose signature holds; null when there is none.</summary>
    public TreeMap? TokenClaims { get; init; }
}

/// <summary>One call of an operation, whatever form it came in.</summary>
/// <param name="Operation">Such as StartJobRun.</param>
/// <param name="Input">The members of the operation's input under their wire names. What came in a path, a query or a form is text.</param>
public sealed record AwsCall(string Operation, TreeMap Input, AwsCaller Caller)
{
    /// <summary>What the edge knows of the request beside its input.</summary>
    public AwsArrival Arrival { get; init; } = AwsArrival.Unknown;

    /// <summary>A member's text; null when it is not there or empty.</summary>
    public string? Text(string member) => Input[member]?.Text is { Length: > 0 } text ? text : null;

    /// <summary>A member's number, be it text or number; null when it is not there or none.</summary>
    public long? Number(string member) => Input[member] is { } value
        ? value.Integer ?? (long.TryParse(value.Text, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : null)
        : null;

    /// <summary>The texts of a list; a single text is a list of one.</summary>
    public IReadOnlyList<string> Texts(string member) => Input[member] switch
    {
        null => [],
        TreeList list => [.. list.Items.ToArray().Select(item => item.Text ?? "")],
        var one => [one.Text ?? ""],
    };
}

/// <summary>Why a call was refused, in the service's own words.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">Such as ValidationException.</param>
public sealed record AwsError(int Status, string Code, string Message);

/// <summary>What a call answers.</summary>
public abstract record AwsAnswer
{
    private AwsAnswer()
    {
    }

    /// <param name="Output">The members of the operation's output under their wire names; in XML a list's items are elements of the protocol's own.</param>
    public sealed record Done(TreeMap Output) : AwsAnswer;

    public sealed record Refused(AwsError Error) : AwsAnswer;

    public static AwsAnswer Ok(params ReadOnlySpan<(string Key, Tree? Value)> members) => new Done(TreeMap.Of(members));

    public static AwsAnswer Refuse(int status, string code, string message) => new Refused(new AwsError(status, code, message));
}
