// Package serviceticketattachment is the service of files in tickets.
package serviceticketattachment

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"mime"
	"os"
	"path/filepath"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/ticketing"
)

// sizeLimit is what is read into memory and sent in one request.
const sizeLimit = 20 << 20

const noun = "attachment"

var filenamePattern = regexp.MustCompile(`^[^/\\\x00-\x1f"]{1,200}$`)

type attachmentResource struct{ configured *lifecycle.Configured }

var (
	_ resource.ResourceWithConfigure  = (*attachmentResource)(nil)
	_ resource.ResourceWithModifyPlan = (*attachmentResource)(nil)
)

// NewResource makes vdam_service_ticket_attachment.
func NewResource() resource.Resource { return &attachmentResource{} }

type model struct {
	ID            types.String `tfsdk:"id"`
	TicketID      types.String `tfsdk:"ticket_id"`
	Filename      types.String `tfsdk:"filename"`
	Source        types.String `tfsdk:"source"`
	ContentBase64 types.String `tfsdk:"content_base64"`
	ContentType   types.String `tfsdk:"content_type"`
	SHA256        types.String `tfsdk:"sha256"`
	SizeBytes     types.Int64  `tfsdk:"size_bytes"`
}

// Metadata names the type.
func (r *attachmentResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_service_ticket_attachment"
}

// Configure takes the desks over from the provider.
func (r *attachmentResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.configured = lifecycle.ConfiguredOf(req.ProviderData, &resp.Diagnostics)
}

// Schema implements resource.Resource.
func (r *attachmentResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	again := []planmodifier.String{stringplanmodifier.RequiresReplace()}
	content := stringvalidator.ExactlyOneOf(path.MatchRoot("source"), path.MatchRoot("content_base64"))
	resp.Schema = schema.Schema{
		MarkdownDescription: "A file in a ticket, of up to 20 MiB. It is attached once, and attached anew when its content changes; what was " +
			"attached stays, so destroying this does nothing.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				MarkdownDescription: "`<desk>/<ticket>/<file>`.", Computed: true,
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"ticket_id": schema.StringAttribute{
				MarkdownDescription: "Id of the ticket.", Required: true, PlanModifiers: again, Validators: []validator.String{ticketing.IsID()},
			},
			"filename": schema.StringAttribute{
				MarkdownDescription: "Name that people see.", Required: true, PlanModifiers: again,
				Validators: []validator.String{stringvalidator.RegexMatches(filenamePattern, "must be 1 to 200 characters without / \\ \" and "+
					"control characters")},
			},
			"source": schema.StringAttribute{
				MarkdownDescription: "Path of the file, which must not change between plan and apply. Either this or `content_base64`.",
				Optional:            true, Validators: []validator.String{content},
			},
			"content_base64": schema.StringAttribute{
				MarkdownDescription: "Content in base64 (RFC 4648, section 4). It is in the state: use `source` for what is large.", Optional: true,
			},
			"content_type": schema.StringAttribute{
				MarkdownDescription: "Media type. Default is that of the name's ending, else `application/octet-stream`.",
				Optional:            true, Computed: true, PlanModifiers: again,
			},
			"sha256": schema.StringAttribute{
				MarkdownDescription: "SHA-256 of the content, in lower-case hex. A change attaches the file anew.",
				Computed:            true, PlanModifiers: again,
			},
			"size_bytes": schema.Int64Attribute{MarkdownDescription: "Size of the content.", Computed: true},
		},
	}
}

// ModifyPlan looks at the file, so that its change shows in the plan.
func (r *attachmentResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	defer lifecycle.Recovered(ctx, noun, &resp.Diagnostics)
	if req.Plan.Raw.IsNull() {
		return
	}
	var plan, state model
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...); resp.Diagnostics.HasError() {
		return
	}
	if plan.ContentType.IsUnknown() && !plan.Filename.IsUnknown() {
		plan.ContentType = types.StringValue(typeOf(plan.Filename.ValueString()))
	}
	if !plan.Source.IsUnknown() && !plan.ContentBase64.IsUnknown() {
		content, ok := plan.content(&resp.Diagnostics)
		if !ok {
			return
		}
		plan.SHA256, plan.SizeBytes = types.StringValue(sum(content)), types.Int64Value(int64(len(content)))
	}
	if !req.State.Raw.IsNull() {
		if resp.Diagnostics.Append(req.State.Get(ctx, &state)...); resp.Diagnostics.HasError() {
			return
		}
		if !state.SHA256.Equal(plan.SHA256) {
			plan.ID = types.StringUnknown()
			resp.RequiresReplace = append(resp.RequiresReplace, path.Root("sha256"))
		}
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
}

// content reads what is to be attached.
func (m *model) content(diags *diag.Diagnostics) ([]byte, bool) {
	if !m.ContentBase64.IsNull() {
		content, err := base64.StdEncoding.DecodeString(m.ContentBase64.ValueString())
		if err != nil {
			diags.AddAttributeError(path.Root("content_base64"), "The content is not base64", "Write it with base64encode() or filebase64().")
			return nil, false
		}
		return content, fits(path.Root("content_base64"), int64(len(content)), diags)
	}
	name := m.Source.ValueString()
	info, err := os.Stat(name)
	if err == nil && !fits(path.Root("source"), info.Size(), diags) {
		return nil, false
	}
	var content []byte
	if err == nil {
		content, err = os.ReadFile(name) //nolint:gosec // The user names the file in the configuration.
	}
	if err != nil {
		diags.AddAttributeError(path.Root("source"), fmt.Sprintf("The file %q cannot be read", name), sentence(err)+
			" Correct the path; it is taken from where Terraform runs.")
		return nil, false
	}
	return content, true
}

func sentence(err error) string {
	if os.IsNotExist(err) {
		return "There is no such file."
	}
	return "The system says: " + err.Error() + "."
}

func fits(at path.Path, size int64, diags *diag.Diagnostics) bool {
	if size > sizeLimit {
		diags.AddAttributeError(at, fmt.Sprintf("The file has %d bytes, and %d are the limit", size, int64(sizeLimit)),
			"Put it somewhere else and link to it in the ticket.")
	}
	return size <= sizeLimit
}

func sum(content []byte) string {
	s := sha256.Sum256(content)
	return hex.EncodeToString(s[:])
}

func typeOf(name string) string {
	if t := mime.TypeByExtension(filepath.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}

// Create attaches the file, unless the ticket has it.
func (r *attachmentResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	defer lifecycle.Recovered(ctx, noun, &resp.Diagnostics)
	var plan model
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...); resp.Diagnostics.HasError() {
		return
	}
	d, id, ok := ticketing.OfTicket(ctx, r.configured, path.Root("ticket_id"), plan.TicketID.ValueString(), &resp.Diagnostics)
	if !ok {
		return
	}
	content, ok := plan.content(&resp.Diagnostics)
	if !ok {
		return
	}
	if plan.SHA256.ValueString() != sum(content) && !plan.SHA256.IsUnknown() {
		resp.Diagnostics.AddAttributeError(path.Root("source"), "The file has changed since the plan was made",
			"Nothing was attached. Plan again.")
		return
	}
	file, err := servicedesk.Attach(ctx, d.Desk, id, servicedesk.File{
		Name: plan.Filename.ValueString(), ContentType: plan.ContentType.ValueString(), Content: content,
	})
	if err != nil {
		ticketing.Refused(ticketing.Filling, d.Describe().Name, err, &resp.Diagnostics)
		return
	}
	plan.ID = types.StringValue(plan.TicketID.ValueString() + "/" + file)
	plan.SHA256, plan.SizeBytes = types.StringValue(sum(content)), types.Int64Value(int64(len(content)))
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// Read keeps what was attached.
func (r *attachmentResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

// Update takes over what does not change the file: that it comes from elsewhere.
func (r *attachmentResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if plan.ID.IsUnknown() {
		plan.ID = state.ID
	}
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	}
}

// Delete leaves what was attached.
func (r *attachmentResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {
}
