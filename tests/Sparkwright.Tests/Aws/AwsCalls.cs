using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Aws.Api;

namespace Sparkwright.Tests.Aws;

/// <summary>Calls of a world's AWS services without a wire.</summary>
internal static class AwsCalls
{
    /// <param name="input">The call's members in YAML.</param>
    public static AwsAnswer Call(global::Sparkwright.World.World world, string service, string operation, string input, AwsCaller? caller = null, AwsArrival? arrival = null) =>
        world.AwsServices.First(one => one.SigningName == service).Operations.First(one => one.Name == operation)
            .Answer(new AwsCall(operation, (TreeMap)Yaml.Read(input), caller ?? AwsCaller.Nobody) { Arrival = arrival ?? AwsArrival.Unknown });

    /// <summary>What a call answers that must not be refused.</summary>
    public static TreeMap Done(global::Sparkwright.World.World world, string service, string operation, string input, AwsCaller? caller = null, AwsArrival? arrival = null) =>
        Call(world, service, operation, input, caller, arrival) switch
        {
            AwsAnswer.Done done => done.Output,
            AwsAnswer.Refused refused => throw new InvalidOperationException($"{operation}: {refused.Error}"),
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    /// <summary>Why a call is refused that must be.</summary>
    public static AwsError Refused(global::Sparkwright.World.World world, string service, string operation, string input, AwsCaller? caller = null, AwsArrival? arrival = null) =>
        Assert.IsType<AwsAnswer.Refused>(Call(world, service, operation, input, caller, arrival)).Error;
}
