using Sparkwright.World.Aws.Api;

namespace Sparkwright.Server.AwsApi;

/// <summary>Carries S3's refusal from where it is found to the answer.</summary>
internal sealed class S3Refusal(AwsError error) : Exception(error.Message)
{
    public AwsError Error { get; } = error;

    public static S3Refusal Of(int status, string code, string message) => new(new AwsError(status, code, message));

    public static S3Refusal NoBucket() => Of(404, "NoSuchBucket", "The specified bucket does not exist");

    public static S3Refusal NoUpload() => Of(404, "NoSuchUpload", "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.");

    /// <param name="why">What the reader of the document says; null for nothing.</param>
    public static S3Refusal Malformed(string? why = null) => Of(
        400, "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema" + (why is null ? "" : $": {why}"));

    public static S3Refusal WrongSignature() => Of(
        403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided. Check your key and signing method.");

    public static S3Refusal NotAllowed() => Of(405, "MethodNotAllowed", "The specified method is not allowed against this resource.");

    public static S3Refusal NotImplemented() => Of(501, "NotImplemented", "A header or query you provided implies functionality that is not implemented: Sparkwright's S3 has buckets, objects, copies, listings and multipart uploads.");
}
