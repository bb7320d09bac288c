using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;

namespace Sparkwright.World.Aws;

/// <summary>AWS calls that are to fail as a whole, as a scenario asks; counted down in the store, so that a restart repeats none.</summary>
public sealed class CallFailures(ApiServer api)
{
    /// <summary>Failures still to come: <c>spec.call</c>, <c>spec.code</c>, <c>spec.message</c>, <c>status.left</c>.</summary>
    public static ResourceType Type { get; } = new("aws.sparkwright.dev", "v1", "CallFailure", "callfailures", false, false);

    /// <summary>The calls that are made here and can fail.</summary>
    public static ImmutableArray<string> Calls { get; } =
    [
        "CreateFleet", "CreateLaunchTemplate", "DescribeImages", "DescribeSecurityGroups", "DescribeSubnets", "RunInstances", "TerminateInstances",
    ];

    /// <summary>Lets the next calls of a name fail, after those that are to fail already.</summary>
    /// <param name="message">Null for AWS's usual text.</param>
    public void Add(string call, string code, string? message, long times) => api.Create(new ApiObject(
        Type,
        new ObjectMeta { Name = $"{api.Store.ResourceVersion + 1:d12}" },
        TreeMap.Of(
            ("spec", TreeMap.Of(("call", call), ("code", code), ("message", message ?? AwsFailure.Usual(code).Message))),
            ("status", TreeMap.Of(("left", times))))));

    /// <summary>The failure of a call that is made now, which counts; null when it goes through.</summary>
    public AwsFailure? Next(string call)
    {
        if (api.Store.Count(Type) == 0 || api.Store.List(Type).FirstOrDefault(known => known.Spec["call"]?.Text == call) is not { } failure)
        {
            return null;
        }

        var left = (failure.Status["left"]?.Integer ?? 1) - 1;
        if (left > 0)
        {
            api.ModifyStatus(Type, failure.Key, status => status.With("left", left));
        }
        else
        {
            api.Delete(Type, failure.Key);
        }

        return new AwsFailure(failure.Spec["code"]?.Text ?? "", failure.Spec["message"]?.Text ?? "");
    }
}

/// <summary>A call that AWS refused as a whole.</summary>
/// <param name="Code">The error code of the service: UnauthorizedOperation, RequestLimitExceeded …</param>
public sealed record AwsFailure(string Code, string Message)
{
    /// <summary>A failure with AWS's usual text.</summary>
    public static AwsFailure Usual(string code) => new(code, UsualText(code));

    public override string ToString() => $"{Code}: {Message}";

    private static string UsualText(string code) => code switch
    {
        "UnauthorizedOperation" => "You are not authorized to perform this operation.",
        "RequestLimitExceeded" => "Request limit exceeded.",
        "InternalError" => "An internal error has occurred",
        "Unavailable" => "The service is unavailable. Please try again shortly.",
        "InsufficientInstanceCapacity" => "We currently do not have sufficient capacity in the Availability Zone you requested.",
        "VcpuLimitExceeded" => "You have requested more vCPU capacity than your current vCPU limit allows for the instance bucket that the specified instance type belongs to.",
        "MaxSpotInstanceCountExceeded" => "Max spot instance count exceeded",
        "AuthFailure.ServiceLinkedRoleCreationNotPermitted" => "The provided credentials do not have permission to create the service-linked role for EC2 Spot Instances.",
        _ => "the call fails as the scenario asks",
    };
}
