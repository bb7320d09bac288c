using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Sparkwright.Kubernetes.Authentication;
using Sparkwright.Server.Pacing;
using Sparkwright.World.Aws.Access;
using Sparkwright.World.Aws.Api;
using Sparkwright.World.Aws.Signing;

namespace Sparkwright.Server.AwsApi;

/// <summary>All AWS services behind one endpoint: the scope of a request's signature says which one is asked.</summary>
/// <param name="tokens">Signs the cluster's service account tokens, which may be exchanged for a role.</param>
internal sealed class AwsHandler(Engine engine, IReadOnlyList<AwsService> services, SignatureCheck signatures, S3Handler s3, SigningKey tokens, TimeProvider time)
{
    /// <summary>More than any operation takes but S3's, which has its own way: a StartJobRun may have half a megabyte.</summary>
    private const int LongestBody = 10 << 20;

    /// <summary>The only operation that needs no signature: its token is its proof.</summary>
    private const string Unsigned = "AssumeRoleWithWebIdentity";

    /// <summary>Bytes of chance for the keys that a call may make: a secret of 40 characters, a token of the rest.</summary>
    private const int SecretBytes = 150;

    public async Task Handle(HttpContext http)
    {
        var request = AwsRequests.Signed(http);
        var claim = SignatureClaim.Read(request);
        var isSigned = request.Header("Authorization") is not null || request.Parameter("X-Amz-Algorithm") is not null;
        if (claim?.Scope.Service is "s3" or "s3express")
        {
            await s3.Handle(http, request, claim).ConfigureAwait(false);
            return;
        }

        if (claim is null && SigV2.Read(request) is { } presigned)
        {
            await s3.Handle(http, request, presigned).ConfigureAwait(false);
            return;
        }

        if (claim is not null && services.FirstOrDefault(known => known.SigningName == claim.Scope.Service) is { } service)
        {
            await Serve(http, service, request, claim).ConfigureAwait(false);
            return;
        }

        if (claim is not null)
        {
            await AwsAnswers.Refuse(http, AwsProtocol.RestJson, "", new AwsError(
                400,
                "UnknownServiceException",
                $"Sparkwright does not simulate the service {claim.Scope.Service}. It has: {string.Join(", ", services.Select(known => known.SigningName).Append("s3").Order(StringComparer.Ordinal))}")).ConfigureAwait(false);
            return;
        }

        var (protocol, guessed) = Guess(request);
        if (!isSigned && guessed?.SigningName == "sts" && await Body(http).ConfigureAwait(false) is { } body
            && AwsRequests.Read(guessed, request, body) is { Operation: { Name: Unsigned } operation } asked)
        {
            await Answer(http, guessed, operation, new AwsCall(operation.Name, asked.Input, AwsCaller.Nobody)).ConfigureAwait(false);
            return;
        }

        await AwsAnswers.Refuse(
            http, protocol, guessed?.Namespace ?? "", SignatureCheck.ErrorOf(isSigned ? SignatureFault.Malformed : SignatureFault.Missing, protocol, null, Now)).ConfigureAwait(false);
    }

    /// <summary>A refusal when something went wrong before it was clear who is asked.</summary>
    public static Task Refuse(HttpContext http, int code, string message) =>
        AwsAnswers.Refuse(http, AwsProtocol.RestJson, "", new AwsError(code, code < 500 ? "ValidationException" : code == 503 ? "ServiceUnavailableException" : "InternalServerException", message));

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    private async Task Serve(HttpContext http, AwsService service, SignedRequest request, SignatureClaim claim)
    {
        if (await Body(http).ConfigureAwait(false) is not { } body)
        {
            await AwsAnswers.Refuse(http, service.Protocol, service.Namespace, new AwsError(413, "RequestEntityTooLargeException", $"The body has more than {LongestBody} bytes.")).ConfigureAwait(false);
            return;
        }

        var hash = request.Header("X-Amz-Content-SHA256") is { } said && said == SignatureClaim.UnsignedPayload ? said : SigV4.Hash(body);
        var (key, fault) = await signatures.Check(request, claim, hash).ConfigureAwait(false);
        if (fault is { } wrong)
        {
            await AwsAnswers.Refuse(http, service.Protocol, service.Namespace, SignatureCheck.ErrorOf(wrong, service.Protocol, claim, Now)).ConfigureAwait(false);
            return;
        }

        AwsAsked asked;
        try
        {
            asked = AwsRequests.Read(service, request, body);
        }
        catch (FormatException mistake)
        {
            await AwsAnswers.Refuse(http, service.Protocol, service.Namespace, new AwsError(400, "SerializationException", mistake.Message)).ConfigureAwait(false);
            return;
        }

        if (asked.Operation is not { } operation)
        {
            await AwsAnswers.Refuse(http, service.Protocol, service.Namespace, service.Unknown(asked.Name)).ConfigureAwait(false);
            return;
        }

        await Answer(http, service, operation, new AwsCall(operation.Name, asked.Input, new AwsCaller(key!.Arn, key.PrincipalId, key.Id))).ConfigureAwait(false);
    }

    private async Task Answer(HttpContext http, AwsService service, AwsOperation operation, AwsCall call)
    {
        var arrival = new AwsArrival(Now, Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes)))
        {
            TokenClaims = operation.Name == Unsigned && call.Text("WebIdentityToken") is { } token ? tokens.Verify(token) : null,
        };
        var answer = await engine.Ask(world => Allowed(world, service, call with { Arrival = arrival }, operation.Name)).ConfigureAwait(false);
        await (answer switch
        {
            AwsAnswer.Done done => AwsAnswers.Write(http, service, operation.Name, done.Output),
            AwsAnswer.Refused refused => AwsAnswers.Refuse(http, service.Protocol, service.Namespace, refused.Error),
            _ => throw new System.Diagnostics.UnreachableException(),
        }).ConfigureAwait(false);
    }

    /// <summary>What the service answers, once it is sure that the caller may ask.</summary>
    private static AwsAnswer Allowed(World.World world, AwsService service, AwsCall call, string operation) =>
        call.Caller != AwsCaller.Nobody
        && new CallRights(world.Settings.Region, world.Settings.Account).Of(service, call) is { } right
        && world.Iam.Decide(call.Caller, right) is { IsAllowed: false } verdict
            ? new AwsAnswer.Refused(CallRights.Refusal(service.Protocol, verdict.Refusal(call.Caller.Arn, right)))
            : world.AwsServices.First(known => known.SigningName == service.SigningName).Operations.First(known => known.Name == operation).Answer(call);

    /// <summary>The kind of service that an unsigned request looks like: a route, a target, a form; all else is S3's.</summary>
    private (AwsProtocol? Protocol, AwsService? Service) Guess(SignedRequest request)
    {
        if (request.Header("X-Amz-Target") is not null)
        {
            return (AwsProtocol.Json, null);
        }

        if (request.Header("Content-Type")?.StartsWith("application/x-www-form-urlencoded", StringComparison.Ordinal) == true)
        {
            return (AwsProtocol.Query, services.FirstOrDefault(known => known.SigningName == "sts"));
        }

        return services.FirstOrDefault(known => known.Protocol == AwsProtocol.RestJson && known.Operations.Any(operation => operation.Match(request.Method, request.Path) is not null)) is { } service
            ? (AwsProtocol.RestJson, service)
            : (null, null);
    }

    /// <summary>The whole body; null when it is too long.</summary>
    private static async Task<byte[]?> Body(HttpContext http)
    {
        if (http.Request.ContentLength > LongestBody)
        {
            return null;
        }

        using var whole = new MemoryStream();
        var buffer = new byte[1 << 14];
        for (int read; (read = await http.Request.Body.ReadAsync(buffer, http.RequestAborted).ConfigureAwait(false)) > 0;)
        {
            whole.Write(buffer, 0, read);
            if (whole.Length > LongestBody)
            {
                return null;
            }
        }

        return whole.ToArray();
    }
}
